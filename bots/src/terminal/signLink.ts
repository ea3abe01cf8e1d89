import type { Wallet } from 'ethers';
import { z } from 'zod';
import { createApi } from '../core/api/http.ts';

const asked = z.object({ chatLinkMessage: z.object({ message: z.string() }) });
const signed = z.object({ signChatLink: z.object({ token: z.string() }) });
const typedData = z.object({
  domain: z.record(z.string(), z.union([z.string(), z.number()])),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  message: z.record(z.string(), z.string()),
});
const offered = z.object({ relayerAuthorization: z.object({ deadline: z.string(), typedData }) });

const days = 90;

/**
 * Does on this machine what the page does in a browser: signs for the chat account, and lets the relayer act.
 *
 * @returns what to say about it
 */
export const signLinkWith =
  (wallet: Wallet) =>
  async (url: string): Promise<string> => {
    const { origin, hash } = new URL(url);
    const token = hash.slice(1);
    const page = createApi(origin);
    const { chatLinkMessage } = await page.ask(
      'mutation($token: String!, $address: Address!) { chatLinkMessage(token: $token, address: $address) { message } }',
      asked,
      { token, address: wallet.address },
    );
    const { message } = chatLinkMessage;
    const { signChatLink } = await page.ask(
      'mutation($token: String!, $message: String!, $signature: Hex!) { signChatLink(token: $token, message: $message, signature: $signature) { token } }',
      signed,
      { token, message, signature: await wallet.signMessage(message) },
    );
    const session = createApi(origin, signChatLink.token);
    const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const { relayerAuthorization } = await session.ask(
      'query($expiresAt: DateTime!) { relayerAuthorization(expiresAt: $expiresAt) { deadline typedData { domain types message } } }',
      offered,
      { expiresAt },
    );
    const { deadline, typedData: data } = relayerAuthorization;
    const { EIP712Domain: _, ...types } = data.types;
    await session.ask(
      'mutation($expiresAt: DateTime!, $deadline: DateTime!, $signature: Hex!) { authorizeRelayer(expiresAt: $expiresAt, deadline: $deadline, signature: $signature) { key } }',
      z.unknown(),
      { expiresAt, deadline, signature: await wallet.signTypedData(data.domain, types, data.message) },
    );
    return `The wallet ${wallet.address} of this machine has signed.\n`;
  };
