import { createApi } from '@openledger/bots/core';
import type { PrivateKeyAccount } from 'viem/accounts';
import { z } from 'zod';
import { sign } from '../graphql/writing/stage.ts';

const message = z.object({ chatLinkMessage: z.object({ message: z.string() }) });
const signed = z.object({ signChatLink: z.object({ token: z.string() }) });
const intent = z.object({ relayerAuthorization: z.object({ typedData: z.any(), deadline: z.string() }) });

/** What the page at /link does with a browser's wallet: signs for the chat account, and lets the relayer act. */
export const linkOnPage = async (
  url: string,
  wallet: PrivateKeyAccount,
  { relayed = true }: { readonly relayed?: boolean } = {},
): Promise<void> => {
  const { origin, hash } = new URL(url);
  const token = hash.slice(1);
  const page = createApi(origin);
  const { chatLinkMessage } = await page.ask(
    'mutation($token: String!, $address: Address!) { chatLinkMessage(token: $token, address: $address) { message } }',
    message,
    { token, address: wallet.address },
  );
  const signature = await wallet.signMessage({ message: chatLinkMessage.message });
  const { signChatLink } = await page.ask(
    `mutation($token: String!, $message: String!, $signature: Hex!) {
      signChatLink(token: $token, message: $message, signature: $signature) { token }
    }`,
    signed,
    { token, message: chatLinkMessage.message, signature },
  );
  if (!relayed) return;
  const session = createApi(origin, signChatLink.token);
  const expiresAt = '2030-01-01T00:00:00Z';
  const { relayerAuthorization } = await session.ask(
    `query($expiresAt: DateTime!) {
      relayerAuthorization(expiresAt: $expiresAt) { typedData { domain types primaryType message } deadline }
    }`,
    intent,
    { expiresAt },
  );
  await session.ask(
    `mutation($expiresAt: DateTime!, $deadline: DateTime!, $signature: Hex!) {
      authorizeRelayer(expiresAt: $expiresAt, deadline: $deadline, signature: $signature) { key }
    }`,
    z.unknown(),
    {
      expiresAt,
      deadline: relayerAuthorization.deadline,
      signature: await sign(wallet, relayerAuthorization.typedData),
    },
  );
};
