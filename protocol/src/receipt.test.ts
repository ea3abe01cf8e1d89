import { Wallet } from 'ethers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unsignedReceipt } from '../test/arbitraries.ts';
import type { Hex } from './hex.ts';
import {
  canonicalJson,
  parseReceipt,
  type Receipt,
  receiptHash,
  signReceipt,
  verifyReceiptSignature,
} from './receipt.ts';

const signature = `0x${'ab'.repeat(65)}` as Hex;
const receipts = unsignedReceipt.map((said): Receipt => ({ ...said, signature }));

test('a stranger who reads the published receipt gets the hash that is on chain, whatever its formatting', () => {
  fc.assert(
    fc.property(receipts, (receipt) => {
      const reordered = Object.fromEntries(Object.entries(receipt).reverse());
      expect(receiptHash(parseReceipt(JSON.stringify(reordered, null, 2)))).toBe(receiptHash(receipt));
      expect(parseReceipt(canonicalJson(receipt))).toEqual(receipt);
    }),
  );
});

test('a change of any field changes the hash', () => {
  const [receipt] = fc.sample(receipts, { numRuns: 1, seed: 7 });
  const hashes = Object.keys(receipt!).map((field) => receiptHash({ ...receipt!, [field]: 'changed' }));
  expect(new Set([receiptHash(receipt!), ...hashes]).size).toBe(hashes.length + 1);
});

test('canonical JSON is RFC 8785: its own example comes out byte for byte', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '€$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value as unknown as Receipt)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('only its worker can sign a receipt, and a signed one cannot be changed', async () => {
  const worker = Wallet.createRandom();
  const [said] = fc.sample(unsignedReceipt, 1);
  const receipt = await signReceipt(worker, { ...said!, worker: worker.address.toLowerCase() as Hex });
  expect(verifyReceiptSignature(receipt)).toBe(true);
  expect(verifyReceiptSignature({ ...receipt, scoreSum: '12345' })).toBe(false);
  expect(verifyReceiptSignature({ ...receipt, worker: `0x${'1'.repeat(40)}` })).toBe(false);
  expect(verifyReceiptSignature({ ...receipt, signature: '0x00' })).toBe(false);
});

test('a receipt that is not one says which fields are wrong', () => {
  const [receipt] = fc.sample(receipts, { numRuns: 1, seed: 7 });
  const top = [
    { contributionId: '2', score: '5' },
    { contributionId: '1', score: '9' },
  ];
  const wrong = { ...receipt, seed: '007', worker: '0xABC', unattributedPpm: 2_000_000, extra: 1 };
  expect(() => parseReceipt('{', 'receipts/1.json')).toThrow('receipts/1.json: is not JSON.');
  expect(() => parseReceipt(JSON.stringify(wrong), 'receipts/1.json')).toThrowErrorMatchingInlineSnapshot(`
    [ReceiptError: receipts/1.json: ✖ Unrecognized key: "extra"
    ✖ must be a 20-byte address in lower-case hex
      → at worker
    ✖ must be decimal digits without leading zeros
      → at seed
    ✖ Too big: expected number to be <=1000000
      → at unattributedPpm]
  `);
  expect(() => parseReceipt(JSON.stringify({ ...receipt, top, kthScore: '3' }))).toThrowErrorMatchingInlineSnapshot(`
    [ReceiptError: receipt: ✖ must be the last score of top, 9
      → at kthScore
    ✖ must come after better scores, equal scores by contribution id
      → at top[1]]
  `);
});
