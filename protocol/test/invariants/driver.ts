import type { EventFragment, LogDescription, Result } from 'ethers';
import type { Call, Event, Hex, Move, Outcome, Target, Value } from './call.ts';
import { hex, type Request } from './chain.ts';
import type { Stage } from './stage.ts';

const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

type Log = { readonly address: string; readonly topics: readonly string[]; readonly data: string };
type MinedCall = { readonly transactionHash: string; readonly status: string; readonly logs: readonly Log[] };

const holders = ['InferenceEscrow', 'RewardDistributor', 'StakeManager', 'GOPEN'] as const;
export type Holder = (typeof holders)[number];
export type Mined = { readonly outcomes: readonly Outcome[]; readonly balances: ReadonlyMap<Holder, bigint> };

export type Driver = Awaited<ReturnType<typeof createDriver>>;

/** Sends calls so that each block holds them in order, and reads what happened. */
export async function createDriver({ chain, interfaces, setting, cast }: Stage) {
  const { addresses } = setting;
  const contractAt = new Map(Object.entries(addresses).map(([name, address]) => [address as string, name as Target]));
  const senders = [...cast.everyone, cast.guardian, cast.rootProposer, cast.evaluator, cast.timelock];
  const counts = await chain.batch(senders.map((from) => ['eth_getTransactionCount', [from, 'latest']]));
  const nonces = new Map(senders.map((from, index) => [from, Number(counts[index])]));
  const balanceReads = holders.map((holder): Request => {
    const data = interfaces.Open.encodeFunctionData('balanceOf', [addresses[holder]]);
    return ['eth_call', [{ to: addresses.Open, data }, 'latest']];
  });

  const send = (call: Call, index: number): Request => {
    const nonce = nonces.get(call.from);
    if (nonce === undefined) throw new Error(`${call.from} is not on the stage and cannot send ${call.fn}.`);
    nonces.set(call.from, nonce + 1);
    return [
      'eth_sendTransaction',
      [
        {
          from: call.from,
          to: addresses[call.contract],
          data: interfaces[call.contract].encodeFunctionData(call.fn, call.args),
          gas: hex(6_000_000),
          // The chain orders a block by price.
          gasPrice: hex(1_000 - index),
          nonce: hex(nonce),
        },
      ],
    ];
  };

  const read = (receipt: MinedCall): Outcome => {
    const moves: Move[] = [];
    const events: Event[] = [];
    for (const { address, topics, data } of receipt.logs) {
      const contract = contractAt.get(address.toLowerCase());
      if (contract === 'Open') {
        if (topics[0] !== transferTopic) continue;
        const [from, to] = [topics[1]!, topics[2]!].map((topic) => `0x${topic.slice(26)}` as Hex) as [Hex, Hex];
        moves.push({ from, to, amount: BigInt(data) });
      } else if (contract !== undefined && contract !== 'GOPEN') {
        const parsed = interfaces[contract].parseLog({ topics: [...topics], data });
        if (parsed) events.push({ contract, name: parsed.name, args: namedArgs(parsed) });
      }
    }
    return { success: receipt.status === '0x1', moves, events };
  };

  return {
    /** The latest block's time, Unix seconds. */
    async time(): Promise<bigint> {
      return BigInt((await chain.call<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])).timestamp);
    },
    /** What a view answers, as ethers decodes it. */
    async read(contract: Target, fn: string, args: readonly Value[]): Promise<Result> {
      const coder = interfaces[contract];
      const data = coder.encodeFunctionData(fn, args);
      return coder.decodeFunctionResult(
        fn,
        await chain.call('eth_call', [{ to: addresses[contract], data }, 'latest']),
      );
    },
    /** Carries the calls out in one block at `timestamp`. @returns what each did, and what the contracts hold after. */
    async mine(calls: readonly Call[], timestamp: bigint): Promise<Mined> {
      const hashes = await chain.batch(calls.map(send));
      await chain.call('evm_mine', [hex(timestamp)]);
      const [receipts, ...answers] = await chain.batch([['eth_getBlockReceipts', ['latest']], ...balanceReads]);
      const outcomes = hashes.map((hash, index) => {
        const receipt = (receipts as readonly MinedCall[])[index];
        if (receipt && receipt.transactionHash === hash) return read(receipt);
        throw new Error('The chain mined the calls in another order than they were sent in.');
      });
      return {
        outcomes,
        balances: new Map(holders.map((holder, index) => [holder, BigInt(answers[index] as string)])),
      };
    },
  };
}

function namedArgs({ fragment, args }: LogDescription): Readonly<Record<string, Value>> {
  const inputs: EventFragment['inputs'] = fragment.inputs;
  return Object.fromEntries(
    inputs.map(({ name, type, baseType }, index) => {
      const value: unknown = args[index];
      if (type === 'address') return [name, String(value).toLowerCase()];
      return [name, (baseType === 'array' ? [...(value as readonly Value[])] : value) as Value];
    }),
  );
}
