import { Wallet } from 'ethers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unsignedReceipt } from '../test/arbitraries.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Hex } from './hex.ts';
import { parseReceipt, type Receipt, receiptHash, signReceipt, verifyReceiptSignature } from './receipt.ts';

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
  expect(verifyReceiptSignature({ ...receipt, unattributedPpm: 7 })).toBe(false);
  expect(verifyReceiptSignature({ ...receipt, worker: `0x${'1'.repeat(40)}` })).toBe(false);
  expect(verifyReceiptSignature({ ...receipt, signature: '0x00' })).toBe(false);
});

test('a receipt that is not one says which fields are wrong', () => {
  const [receipt] = fc.sample(receipts, { numRuns: 1, seed: 7 });
  const top = [
    { contributionId: '2', score: '5' },
    { contributionId: '1', score: '9' },
  ];
  const disordered = {
    evidence: { influence: { top, kthScore: '3', scoreSum: '14' } },
    shares: [
      { contributionId: '2', ppm: 5 },
      { contributionId: '1', ppm: 0 },
    ],
    unattributedPpm: 1_000_000,
  };
  const wrong = { ...receipt, modelId: '007', worker: '0xABC', unattributedPpm: 2_000_000, extra: 1 };
  expect(() => parseReceipt('{', 'receipts/1.json')).toThrow('receipts/1.json: is not JSON.');
  expect(() => parseReceipt(JSON.stringify(wrong), 'receipts/1.json')).toThrowErrorMatchingInlineSnapshot(`
    [ReceiptError: receipts/1.json: ✖ Unrecognized key: "extra"
    ✖ must be a 20-byte address in lower-case hex
      → at worker
    ✖ must be decimal digits without leading zeros
      → at modelId
    ✖ Too big: expected number to be <=1000000
      → at unattributedPpm
    ✖ must come to 1,000,000 with unattributedPpm, not 2000000
      → at shares]
  `);
  expect(() => parseReceipt(JSON.stringify({ ...receipt, ...disordered }))).toThrowErrorMatchingInlineSnapshot(`
    [ReceiptError: receipt: ✖ must come to 1,000,000 with unattributedPpm, not 1000005
      → at shares
    ✖ must come in ascending order of contributions, each once
      → at shares[1]
    ✖ must be the last score of top, 9
      → at evidence.influence.kthScore
    ✖ must be above 0
      → at shares[1].ppm
    ✖ must come after better scores, equal scores by contribution id
      → at evidence.influence.top[1]]
  `);
});
