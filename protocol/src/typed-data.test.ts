import { Wallet } from 'ethers';
import { expect, test } from 'vitest';
import { type Message, messageDigest, messageSigner, signMessage } from './typed-data.ts';

const scope = { chainId: 31_337n, verifyingContract: `0x${'11'.repeat(20)}` };
const voucher: Message<'Voucher'> = {
  payer: `0x${'22'.repeat(20)}`,
  worker: `0x${'33'.repeat(20)}`,
  cumulativeAmount: 5n,
  expiry: 1_800_000_000n,
};

test("a signed message is its signer's on one contract of one chain only", async () => {
  const wallet = Wallet.createRandom();
  const signature = await signMessage(wallet, 'Voucher', scope, voucher);
  const signer = wallet.address.toLowerCase();
  expect(messageSigner('Voucher', scope, voucher, signature)).toBe(signer);
  expect(messageSigner('Voucher', { ...scope, chainId: 1n }, voucher, signature)).not.toBe(signer);
  expect(
    messageSigner('Voucher', { ...scope, verifyingContract: `0x${'44'.repeat(20)}` }, voucher, signature),
  ).not.toBe(signer);
  expect(messageSigner('Voucher', scope, { ...voucher, cumulativeAmount: 6n }, signature)).not.toBe(signer);
});

test('a value that does not fit its field is refused, never cut short', () => {
  expect(() => messageDigest('Voucher', scope, { ...voucher, expiry: 2n ** 64n })).toThrow(
    'value out-of-bounds for uint64',
  );
  expect(() => messageDigest('Voucher', scope, { ...voucher, worker: '0x12' })).toThrow('invalid address');
});
