import type { Hex } from 'viem';
import { z } from 'zod';
import { RpcFault } from './fault.ts';
import type { Node } from './node.ts';

const hex = z.custom<Hex>((value) => typeof value === 'string' && value.startsWith('0x'), 'must be hex');

type RawTransaction = { hash: Hex; blockHash: Hex | null; input?: Hex };
const isTransaction = (value: unknown): value is RawTransaction =>
  typeof value === 'object' && value !== null && 'hash' in value && 'blockHash' in value;

/** A block as JSON-RPC has it, with what is checked here; its other fields are kept as the node gave them. */
const blockSchema = z.looseObject({
  number: hex,
  hash: hex,
  parentHash: hex,
  timestamp: hex,
  logsBloom: hex,
  receiptsRoot: hex,
  transactions: z.array(
    z.custom<Hex | RawTransaction>(
      (value) => typeof value === 'string' || isTransaction(value),
      'must be a transaction',
    ),
  ),
});
export type RawBlock = z.output<typeof blockSchema>;

export const numberOf = ({ number }: RawBlock): bigint => BigInt(number);

/** Whether its transactions are there as objects and not as hashes only. */
export const isFull = ({ transactions }: RawBlock): boolean => transactions.every((item) => typeof item === 'object');

/** The block in a node's answer. @throws RpcFault unfit, when it is none or its parts are of different blocks. */
export const readBlock = (answer: unknown, { origin }: Node): RawBlock => {
  if (answer === null) throw new RpcFault('unfit', `${origin} does not have the block`);
  const { data: block } = blockSchema.safeParse(answer);
  if (block === undefined) throw new RpcFault('unfit', `${origin} answered with something that is no block`);
  for (const item of block.transactions) {
    if (typeof item === 'string') continue;
    if (item.blockHash !== block.hash) throw new RpcFault('unfit', `${origin} mixed two blocks in one answer`);
    // What was sent to a contract is the bulk of a block, and nothing here reads it.
    if ('input' in item) item.input = '0x';
  }
  return block;
};
