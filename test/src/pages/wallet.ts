import { createWalletClient, encodeFunctionData, type Hex, hexToString, http, parseAbi } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { parseSiweMessage } from 'viem/siwe';

/** What a page asks a wallet, and what wallets answer when they do not do it (EIP-1193). */
export type Asked = { readonly method: string; readonly params: readonly unknown[] };
export type Refusal = { readonly code: number; readonly message: string };

export type WalletSettings = {
  readonly key: PrivateKeyAccount;
  /** Of a contract wallet whose only signer the key is (ERC-1271); the key's own without it. */
  readonly address?: Hex;
  readonly rpcUrl: string;
  readonly chainId: bigint;
  readonly name?: string;
  readonly rdns?: string;
  readonly icon?: string;
  /** The chain that it is on at first; the right one without it. */
  readonly startsOn?: bigint;
  /** Chains that it knows and can be told to go to; the right one without it. */
  readonly knows?: readonly bigint[];
};

/** A wallet with a real key: it shows what it signs for, and refuses what browsers' wallets refuse. */
export type TestWallet = {
  readonly address: Hex;
  readonly name: string;
  readonly rdns: string;
  readonly icon: string;
  /** From now on it knows that chain too. */
  readonly learn: (chainId: bigint) => void;
  /** Everything that pages asked, in order. */
  readonly asked: Asked[];
  /** What its owner presses no to, by method, from now on. */
  readonly refusing: Map<string, Refusal>;
  /** @param origin of the page that asks */
  readonly request: (asked: Asked, origin: string) => Promise<unknown>;
};

export class WalletError extends Error {
  override readonly name = 'WalletError';
  readonly code: number;
  constructor({ code, message }: Refusal) {
    super(message);
    this.code = code;
  }
}

export const no: Refusal = { code: 4001, message: 'User rejected the request.' };
const icon =
  'data:image/svg+xml;utf8,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="teal"/></svg>';

/** Of `SmartWallet` in protocol/contracts/harness. */
const contractWallet = parseAbi(['function execute(address target, bytes data) returns (bytes)']);

/** Makes a wallet that browsers announce to pages (EIP-6963). */
export const createWallet = (settings: WalletSettings): TestWallet => {
  const { key, rpcUrl, chainId } = settings;
  const knows = new Set(settings.knows ?? [chainId]);
  const address = settings.address ?? key.address;
  let current = settings.startsOn ?? chainId;
  const sender = createWalletClient({ account: key, transport: http(rpcUrl) });

  const own = (named: unknown) => {
    if (String(named).toLowerCase() !== address.toLowerCase()) {
      throw new WalletError({ code: 4100, message: `The account ${named} is not this wallet's.` });
    }
  };
  const signText = async ([message, account]: readonly unknown[], origin: string) => {
    own(account);
    const text = hexToString(message as Hex);
    const { domain, scheme } = parseSiweMessage(text);
    if (`${scheme}://${domain}` !== origin) {
      throw new WalletError({ code: -32602, message: `${origin} asks to sign in to ${scheme}://${domain}.` });
    }
    return key.signMessage({ message: text });
  };
  const signData = async ([account, json]: readonly unknown[]) => {
    own(account);
    const { domain, types, primaryType, message } = JSON.parse(json as string);
    if (BigInt(domain.chainId) !== current) {
      throw new WalletError({
        code: -32602,
        message: `The data is of chain ${domain.chainId}, the wallet on ${current}.`,
      });
    }
    const { EIP712Domain, ...own712 } = types;
    const [said, given] = [(EIP712Domain as { name: string }[]).map(({ name }) => name), Object.keys(domain)];
    // What wallets hash is what EIP712Domain says, whatever else is in the domain.
    if (said.toSorted().join() !== given.toSorted().join()) {
      throw new WalletError({ code: -32602, message: `EIP712Domain is ${said}, the domain ${given}.` });
    }
    return key.signTypedData({ domain, types: own712, primaryType, message });
  };
  const send = async ([transaction]: readonly unknown[]) => {
    const { from, to, data, value = '0x0' } = transaction as { from: Hex; to: Hex; data: Hex; value?: Hex };
    own(from);
    if (current !== chainId) throw new WalletError({ code: -32603, message: `The wallet is on chain ${current}.` });
    if (settings.address === undefined) return sender.sendTransaction({ to, data, value: BigInt(value), chain: null });
    const call = encodeFunctionData({ abi: contractWallet, functionName: 'execute', args: [to, data] });
    return sender.sendTransaction({ to: address, data: call, chain: null });
  };
  const goTo = ([{ chainId: wanted }]: readonly [{ chainId: Hex }]) => {
    if (!knows.has(BigInt(wanted))) {
      throw new WalletError({ code: 4902, message: `Unrecognized chain ID "${wanted}".` });
    }
    current = BigInt(wanted);
    return null;
  };
  const answers: Readonly<Record<string, (params: readonly unknown[], origin: string) => unknown>> = {
    eth_requestAccounts: () => [address],
    eth_accounts: () => [address],
    eth_chainId: () => `0x${current.toString(16)}`,
    wallet_switchEthereumChain: (params) => goTo(params as readonly [{ chainId: Hex }]),
    personal_sign: signText,
    eth_signTypedData_v4: signData,
    eth_sendTransaction: send,
  };

  const { name = 'Test Wallet', rdns = 'test.wallet' } = settings;
  const asked: Asked[] = [];
  const refusing = new Map<string, Refusal>();
  return {
    ...{ address, name, rdns, icon: settings.icon ?? icon, asked, refusing },
    learn: (id) => void knows.add(id),
    request: async ({ method, params }, origin) => {
      asked.push({ method, params });
      const refusal = refusing.get(method);
      if (refusal !== undefined) throw new WalletError(refusal);
      const answer = answers[method];
      return answer ? answer(params, origin) : askNode(rpcUrl, { method, params });
    },
  };
};

async function askNode(rpcUrl: string, { method, params }: Asked): Promise<unknown> {
  if (!/^eth_(get|call$|blockNumber$|estimateGas$)/.test(method)) {
    throw new WalletError({ code: 4200, message: `The wallet has no ${method}.` });
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: Refusal };
  if (error) throw new WalletError(error);
  return result;
}
