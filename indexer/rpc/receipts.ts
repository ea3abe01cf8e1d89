import { concatHex, type Hex, toRlp } from 'viem';
import { z } from 'zod';
import { RpcFault } from './fault.ts';
import type { Node } from './node.ts';
import { orderedTrieRoot } from './trie.ts';

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value), 'must be hex');

/** A log as JSON-RPC has it; quantities in hex. Nodes add fields of their own, which are kept. */
export type RawLog = {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockHash: Hex;
  blockNumber: Hex;
  transactionHash: Hex;
  transactionIndex: Hex;
  logIndex: Hex;
};

const logFields = [
  'address',
  'data',
  'blockHash',
  'blockNumber',
  'transactionHash',
  'transactionIndex',
  'logIndex',
] as const;

// By hand, as there may be a hundred thousand of them, and a schema takes longer than everything else done to them.
const isLog = (value: unknown): value is RawLog => {
  if (typeof value !== 'object' || value === null) return false;
  const log = value as Record<string, unknown>;
  return logFields.every((field) => isHex(log[field])) && Array.isArray(log.topics) && log.topics.every(isHex);
};

const isHex = (value: unknown): value is Hex => typeof value === 'string' && value.startsWith('0x');

/** The logs in a node's answer. @throws RpcFault unfit, when they are none. */
export const readLogs = (answer: unknown, { origin }: Node): readonly RawLog[] => {
  if (Array.isArray(answer) && answer.every(isLog)) return answer;
  throw new RpcFault('unfit', `${origin} answered with something that are no logs`);
};

/** What of a receipt is hashed, and its logs. */
const receiptSchema = z.looseObject({
  transactionHash: hex,
  transactionIndex: hex,
  type: hex.nullish(),
  status: hex.nullish(),
  /** Before Byzantium, instead of a status. */
  root: hex.nullish(),
  cumulativeGasUsed: hex,
  logsBloom: hex,
  logs: z.array(z.custom<RawLog>(isLog, 'must be a log')),
  depositNonce: hex.nullish(),
  depositReceiptVersion: hex.nullish(),
});
export type RawReceipt = z.output<typeof receiptSchema>;

const receiptList = z.array(receiptSchema);

/** The receipts in a node's answer. @throws RpcFault unfit, when they are none. */
export const readReceipts = (answer: unknown, { origin }: Node): readonly RawReceipt[] => {
  const { data: receipts } = receiptList.safeParse(answer);
  if (receipts === undefined) throw new RpcFault('unfit', `${origin} answered with something that are no receipts`);
  return receipts;
};

/**
 * The `receiptsRoot` that a block's receipts come to: equal to the header's, it proves that no log is missing, added or
 * altered. Source: EIP-2718 for typed receipts; for OP Stack deposits (type 0x7e) the OP Stack's deposit specification.
 */
export const receiptsRoot = (receipts: readonly RawReceipt[]): Hex =>
  orderedTrieRoot(receipts.toSorted((a, b) => Number(a.transactionIndex) - Number(b.transactionIndex)).map(encode));

const encode = (receipt: RawReceipt): Hex => {
  const { status, root, cumulativeGasUsed, logsBloom, logs, depositNonce, depositReceiptVersion } = receipt;
  const fields = [
    status ? quantity(status) : (root ?? '0x'),
    quantity(cumulativeGasUsed),
    logsBloom,
    logs.map(({ address, topics, data }) => [address, topics, data]),
  ];
  const type = Number(receipt.type ?? 0);
  if (type === 0x7e && depositReceiptVersion)
    fields.push(quantity(depositNonce ?? '0x0'), quantity(depositReceiptVersion));
  const rlp = toRlp(fields as Parameters<typeof toRlp>[0]);
  return type === 0 ? rlp : concatHex([`0x${type.toString(16).padStart(2, '0')}`, rlp]);
};

/** A number without leading zeros, zero as nothing: as RLP has integers. */
const quantity = (value: Hex): Hex => {
  const digits = value.slice(2).replace(/^0+/, '');
  return digits === '' ? '0x' : `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`;
};
