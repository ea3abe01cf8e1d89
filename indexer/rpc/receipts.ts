import { concatHex, type Hex, toRlp } from 'viem';
import { z } from 'zod';
import { orderedTrieRoot } from './trie.ts';

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value), 'must be hex');

/** A log as JSON-RPC has it; quantities in hex. Nodes add fields of their own, which are kept. */
export const logSchema = z.looseObject({
  address: hex,
  topics: z.array(hex),
  data: hex,
  blockHash: hex,
  blockNumber: hex,
  transactionHash: hex,
  transactionIndex: hex,
  logIndex: hex,
});
export type RawLog = z.output<typeof logSchema>;

/** What of a receipt is hashed, and its logs. */
export const receiptSchema = z.looseObject({
  transactionHash: hex,
  transactionIndex: hex,
  type: hex.nullish(),
  status: hex.nullish(),
  /** Before Byzantium, instead of a status. */
  root: hex.nullish(),
  cumulativeGasUsed: hex,
  logsBloom: hex,
  logs: z.array(logSchema),
  depositNonce: hex.nullish(),
  depositReceiptVersion: hex.nullish(),
});
export type RawReceipt = z.output<typeof receiptSchema>;

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
