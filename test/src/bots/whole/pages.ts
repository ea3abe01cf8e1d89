import { createApi } from '@openledger/bots/core';
import { createPublicClient, createWalletClient, type Hex, http } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { z } from 'zod';
import { sign } from '../../graphql/writing/stage.ts';
import { chromiumPath, startChromium } from '../../pages/chromium.ts';
import { finishPage } from '../../pages/finish.ts';
import { linkOnPage } from '../wallet.ts';

/** Goes through a page that a bot leads to, to its end, as somebody who says yes to everything. */
export type Pages = {
  readonly finish: (url: string, wallet: PrivateKeyAccount) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** In a browser, with a wallet that it has; without a browser on this machine what pages call is called directly. */
export const openPages = async (rpcUrl: string, chainId: bigint): Promise<Pages> => {
  if (chromiumPath === undefined) {
    return { finish: (url, wallet) => callAsPage(url, wallet, rpcUrl), close: async () => {} };
  }
  const browser = await startChromium();
  return {
    finish: async (url, key) => void (await finishPage({ url, key, rpcUrl, chainId, browser })),
    close: () => browser.close(),
  };
};

const callAsPage = async (url: string, wallet: PrivateKeyAccount, rpcUrl: string): Promise<void> => {
  const { pathname } = new URL(url);
  if (pathname === '/link') await linkOnPage(url, wallet);
  else if (pathname === '/pay') await promise(url, wallet);
  else if (pathname === '/claim') await claim(url, wallet, rpcUrl);
  else throw new Error(`There is no page at ${url}.`);
};

const wei = z.string().transform(BigInt);
const claiming = z.object({
  prepareClaim: z.object({ to: z.string(), data: z.string(), value: wei, warning: z.string().nullable() }),
});

const claim = async (url: string, wallet: PrivateKeyAccount, rpcUrl: string): Promise<void> => {
  const { origin, searchParams } = new URL(url);
  const { prepareClaim: call } = await createApi(origin).ask(
    `query($account: Address!, $from: Address!) {
      prepareClaim(account: $account, from: $from) { to data value warning }
    }`,
    claiming,
    { account: searchParams.get('account'), from: wallet.address },
  );
  if (call.warning !== null) throw new Error(call.warning);
  const transport = http(rpcUrl);
  const { to, data, value } = call;
  const client = createWalletClient({ account: wallet, transport });
  const hash = await client.sendTransaction({ to: to as Hex, data: data as Hex, value, chain: null });
  const { status } = await createPublicClient({ transport, pollingInterval: 50 }).waitForTransactionReceipt({ hash });
  if (status !== 'success') throw new Error(`The chain refused ${hash}.`);
};

const asked = z.object({ signInMessage: z.object({ message: z.string() }) });
const signedIn = z.object({ signIn: z.object({ token: z.string() }) });
const intent = z.object({ voucherIntent: z.object({ expiry: z.string(), typedData: z.any() }) });

/** So much that more answers follow. */
const promise = async (url: string, wallet: PrivateKeyAccount): Promise<void> => {
  const { origin, searchParams } = new URL(url);
  const page = createApi(origin);
  const { signInMessage } = await page.ask(
    'mutation($address: Address!) { signInMessage(address: $address) { message } }',
    asked,
    { address: wallet.address },
  );
  const { message } = signInMessage;
  const { signIn } = await page.ask(
    'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token } }',
    signedIn,
    { message, signature: await wallet.signMessage({ message }) },
  );
  const session = createApi(origin, signIn.token);
  const amount = BigInt(searchParams.get('least')!) + 5n * 10n ** 18n;
  const promised = {
    worker: searchParams.get('worker'),
    cumulativeAmount: `${amount}`,
    expiry: new Date(Date.now() + 7 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const { voucherIntent } = await session.ask(
    `query($worker: Address!, $cumulativeAmount: BigInt!, $expiry: DateTime!) {
      voucherIntent(worker: $worker, cumulativeAmount: $cumulativeAmount, expiry: $expiry) {
        expiry typedData { domain types primaryType message }
      }
    }`,
    intent,
    promised,
  );
  const { expiry, typedData } = voucherIntent;
  await session.ask('mutation($voucher: VoucherInput!) { promisePayment(voucher: $voucher) }', z.unknown(), {
    voucher: { ...promised, expiry, signature: await sign(wallet, typedData) },
  });
};
