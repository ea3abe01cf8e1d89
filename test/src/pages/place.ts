import { createApi } from '@openledger/bots/core';
import type { Hex } from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { expect } from 'vitest';
import { z } from 'zod';
import { startRelayer } from '../graphql/writing/relayer.ts';
import { setStage } from '../graphql/writing/stage.ts';
import { startChromium } from './chromium.ts';
import { type Finished, finishPage } from './finish.ts';
import { type VisitSettings, visit } from './visit.ts';
import { createWallet, type TestWallet, type WalletSettings } from './wallet.ts';

export type Place = Awaited<ReturnType<typeof openPlace>>;
export type Invitation = { readonly url: string; readonly claim: string; readonly phrase: string };

const anything = z.record(z.string(), z.any());
/** As long as a busy machine may take for what is instant on a quiet one. */
export const patienceMs = 90_000;

/** Waits until something is as it should be. */
export const eventually = <T>(what: () => T | Promise<T>) => expect.poll(what, { timeout: patienceMs, interval: 50 });

/** A chain, its index, the API, a relayer, and a browser: where people with wallets open the pages that bots send them to. */
export const openPlace = async () => {
  const [stage, browser] = await Promise.all([setStage(), startChromium()]);
  const relayer = startRelayer(stage);
  const { data } = await stage.person(stage.operator.privateKey as Hex);
  const { createApiKey } = await data<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(name: "bot", scopes: [CHAT]) { token } }',
  );
  const api = createApi(stage.api.url, createApiKey.token);
  const bot = (query: string, variables: Record<string, unknown> = {}) => api.ask(query, anything, variables);
  const chain = { rpcUrl: stage.rpcUrl, chainId: stage.chainId };
  let users = 500;
  const newUser = () => `${++users}`;

  return {
    stage,
    bot,
    newUser,
    newKey: () => privateKeyToAccount(generatePrivateKey()),
    walletOf: (key: PrivateKeyAccount, more: Partial<WalletSettings> = {}): TestWallet =>
      createWallet({ key, ...chain, ...more }),
    visit: (url: string, settings?: VisitSettings) => visit(browser, url, settings),
    /** Opens a page with one wallet that says yes to everything. */
    finish: (url: string, key: PrivateKeyAccount, address?: Hex): Promise<Finished> =>
      finishPage({ url, key, ...(address && { address }), ...chain, browser }),
    /** What `/link` of the bot gives somebody. */
    invite: async (userId = newUser(), userName = 'ann'): Promise<Invitation> => {
      const { startChatLink } = await bot(
        `mutation($userId: String!, $userName: String!) {
          startChatLink(platform: TELEGRAM, userId: $userId, userName: $userName) { url claim phrase }
        }`,
        { userId, userName },
      );
      return startChatLink;
    },
    stateOf: async (claim: string): Promise<{ state: string; account: string | null }> => {
      const query = 'query($claim: String!) { chatLinkClaim(claim: $claim) { state account } }';
      return (await bot(query, { claim })).chatLinkClaim;
    },
    /** The person says in the chat that the wallet is theirs. */
    confirm: (claim: string) =>
      bot('mutation($claim: String!) { confirmChatLink(claim: $claim) { account } }', { claim }),
    /** Until when the relayer may act for an account, by the chain; Unix seconds. */
    relayedUntil: (account: string) =>
      stage.read<bigint>('relayerUntil', [account, stage.relayer.address.toLowerCase()]),
    close: async () => {
      await browser.close();
      await relayer.stop();
      await stage.close();
    },
  };
};
