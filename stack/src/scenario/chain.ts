import { setTimeout as sleep } from 'node:timers/promises';
import { JsonRpcProvider, Transaction, Wallet } from 'ethers';
import type { Contracts, Occurrence, RawLog } from './contracts.ts';
import { type PersonaName, persona, personaKey, personas } from './personas.ts';

export type Call = {
  readonly to: string;
  readonly data: string;
  /** Gas limit; a fixed one, so that a call may depend on the one before it in the same block. */
  readonly gas: bigint;
  /** Wei of the chain's coin. */
  readonly value?: bigint;
};

/** One transaction of a persona. */
export type Sending = { readonly by: PersonaName; readonly call: Call };

/** What became of a transaction. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The local chain, driven: transactions in the personas' names, and blocks at chosen times while history is played. */
export type Chain = {
  readonly genesisTime: number;
  /** Unix seconds of the latest block. */
  now(): Promise<number>;
  /** The protocol's events since the last call, oldest first. */
  news(): Promise<readonly Occurrence[]>;
  /** Sends, mines one block at `time` (or as many as it takes), and says what became of each. */
  playAt(time: number, sendings: readonly Sending[]): Promise<readonly Outcome[]>;
  /** Sends and waits for the chain's own blocks. */
  play(sendings: readonly Sending[]): Promise<readonly Outcome[]>;
  read(call: { to: string; data: string }): Promise<string>;
  balance(address: string): Promise<bigint>;
  /** Takes mining into one's own hands. */
  holdClock(): Promise<void>;
  /** Lets the chain mine by itself again, from the time it has. */
  releaseClock(): Promise<void>;
  /** Brings the chain to the wall clock, when it is behind. */
  moveToNow(): Promise<void>;
  close(): void;
};

export type ChainOptions = {
  rpcUrl: string;
  contracts: Contracts;
  /** Seconds between the chain's own blocks. */
  blockTime: number;
  signal: AbortSignal;
};

type RpcBlock = { timestamp: string; number: string };
type RpcReceipt = { status: string; gasUsed: string } | null;

const maxFeePerGas = 20_000_000_000n;

/**
 * Connects to the chain. Transactions that an earlier, killed run left waiting are dropped: what they meant to do is
 * decided anew from what is on chain.
 * @throws Error when the node does not answer.
 */
export async function connectChain({ rpcUrl, contracts, blockTime, signal }: ChainOptions): Promise<Chain> {
  const { chainId } = contracts.manifest;
  const provider = new JsonRpcProvider(rpcUrl, chainId, {
    staticNetwork: true,
    batchStallTime: 0,
    batchMaxCount: 50,
    cacheTimeout: -1,
  });
  const rpc = <T>(method: string, params: readonly unknown[] = []): Promise<T> => {
    signal.throwIfAborted();
    return provider.send(method, [...params]);
  };
  const wallets = new Map(personas.map(({ name }) => [name, new Wallet(personaKey(name))]));
  const nonces = new Map<PersonaName, number>();
  const times = new Map<string, number>();
  let read = contracts.manifest.startBlock === 0n ? -1 : Number(contracts.manifest.startBlock) - 1;

  await rpc('anvil_dropAllTransactions');
  const genesis = await rpc<RpcBlock>('eth_getBlockByNumber', ['0x0', false]);

  const nonceOf = async (name: PersonaName): Promise<number> => {
    const known = nonces.get(name);
    return known ?? Number(await rpc<string>('eth_getTransactionCount', [persona(name).address, 'latest']));
  };

  const send = async (sendings: readonly Sending[]): Promise<readonly (string | Error)[]> => {
    const senders = [...new Set(sendings.map(({ by }) => by))];
    await Promise.all(senders.map(async (name) => nonces.set(name, await nonceOf(name))));
    const signed = sendings.map(({ by, call }) => {
      const nonce = nonces.get(by)!;
      nonces.set(by, nonce + 1);
      const transaction = Transaction.from({
        type: 2,
        chainId,
        to: call.to,
        data: call.data,
        value: call.value ?? 0n,
        gasLimit: call.gas,
        nonce,
        maxFeePerGas,
        maxPriorityFeePerGas: 1_000_000_000n,
      });
      transaction.signature = wallets.get(by)!.signingKey.sign(transaction.unsignedHash);
      return transaction.serialized;
    });
    return Promise.all(
      signed.map((raw) =>
        rpc<string>('eth_sendRawTransaction', [raw]).catch((error: Error) => {
          // Later transactions of the sender would wait for this one for ever.
          nonces.clear();
          return error;
        }),
      ),
    );
  };

  const outcomes = async (
    sendings: readonly Sending[],
    sent: readonly (string | Error)[],
    again: () => Promise<unknown>,
  ): Promise<readonly Outcome[]> => {
    for (let attempt = 0; ; attempt++) {
      const receipts = await Promise.all(
        sent.map((hash) =>
          hash instanceof Error ? Promise.resolve(null) : rpc<RpcReceipt>('eth_getTransactionReceipt', [hash]),
        ),
      );
      const missing = sent.some((hash, i) => !(hash instanceof Error) && receipts[i] === null);
      if (missing && attempt < 40) {
        await again();
        continue;
      }
      return Promise.all(
        sent.map(async (hash, i): Promise<Outcome> => {
          const receipt = receipts[i];
          if (hash instanceof Error) return { ok: false, reason: hash.message };
          if (receipt?.status === '0x1') return { ok: true };
          nonces.clear();
          if (receipt === null) return { ok: false, reason: 'was not mined' };
          return { ok: false, reason: await whyFailed(sendings[i]!, receipt?.gasUsed ?? '0x0') };
        }),
      );
    }
  };

  const whyFailed = async ({ by, call }: Sending, gasUsed: string): Promise<string> => {
    if (BigInt(gasUsed) >= (call.gas * 98n) / 100n) return `ran out of its ${call.gas} gas`;
    const reply = await rpc<string>('eth_call', [{ from: persona(by).address, to: call.to, data: call.data }, 'latest'])
      .then(() => undefined)
      .catch((error: { data?: string; error?: { data?: string }; message: string }) => error);
    const data = reply?.data ?? reply?.error?.data;
    return (data === undefined ? undefined : contracts.explain(data)) ?? reply?.message ?? 'reverted';
  };

  const latest = () => rpc<RpcBlock>('eth_getBlockByNumber', ['latest', false]);
  const timeOf = async (block: string): Promise<number> => {
    const known = times.get(block);
    if (known !== undefined) return known;
    const time = Number((await rpc<RpcBlock>('eth_getBlockByNumber', [block, false])).timestamp);
    times.set(block, time);
    return time;
  };

  return {
    genesisTime: Number(genesis.timestamp),
    now: async () => Number((await latest()).timestamp),
    balance: async (address) => BigInt(await rpc<string>('eth_getBalance', [address, 'latest'])),
    read: (call) => rpc<string>('eth_call', [call, 'latest']),
    async news() {
      const head = Number(await rpc<string>('eth_blockNumber'));
      if (head <= read) return [];
      const logs = await rpc<(RawLog & { blockTimestamp?: string })[]>('eth_getLogs', [
        { address: contracts.addresses, fromBlock: `0x${(read + 1).toString(16)}`, toBlock: `0x${head.toString(16)}` },
      ]);
      read = head;
      const found: Occurrence[] = [];
      for (const log of logs) {
        const time = log.blockTimestamp === undefined ? await timeOf(log.blockNumber) : Number(log.blockTimestamp);
        const occurrence = contracts.read(log, time);
        if (occurrence !== undefined) found.push(occurrence);
      }
      return found;
    },
    async playAt(time, sendings) {
      const sent = await send(sendings);
      await rpc('evm_mine', [{ timestamp: time }]);
      let next = time;
      return outcomes(sendings, sent, () => rpc('evm_mine', [{ timestamp: ++next }]));
    },
    async play(sendings) {
      return outcomes(sendings, await send(sendings), () => sleep(250, undefined, { signal }));
    },
    async holdClock() {
      await rpc('evm_setAutomine', [false]);
      await rpc('evm_setIntervalMining', [0]);
    },
    async releaseClock() {
      // Not through `rpc`: the chain must be left running also when the scenario is asked to stop.
      await provider.send('evm_setIntervalMining', [blockTime]);
    },
    async moveToNow() {
      const now = Math.floor(Date.now() / 1_000);
      if (Number((await latest()).timestamp) < now) await rpc('evm_mine', [{ timestamp: now }]);
    },
    close: () => provider.destroy(),
  };
}
