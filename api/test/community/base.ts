import type { Hex } from '@openledger/db/chain';
import { coreContracts } from '@openledger/protocol/deploy';
import { id as keccakOf, Wallet } from 'ethers';
import { address, CHAIN_ID } from '../world.ts';

export const OPEN = 10n ** 18n;
/** A block every two seconds, from 2026-09-21T13:46:40Z. */
export const at = (block: number) => 1_790_000_000n + BigInt(block) * 2n;
export const DAY = 43_200;

export const person = (name: string): Hex => `0x${keccakOf(name).slice(-40)}`;
/** Signs receipts. */
export const workerWallet = new Wallet(keccakOf('worker'));
export const people = {
  alice: person('alice'),
  bruno: person('bruno'),
  chiara: person('chiara'),
  dora: person('dora'),
  emil: person('emil'),
  farid: person('farid'),
  hana: person('hana'),
  worker: workerWallet.address.toLowerCase() as Hex,
};
export const contract = (name: (typeof coreContracts)[number]) => address(200 + coreContracts.indexOf(name));

export const provenance = (block: number, changed = block) => ({
  createdBlock: BigInt(block),
  createdAt: at(block),
  createdTx: keccakOf(`transaction ${block}`) as Hex,
  updatedBlock: BigInt(changed),
  updatedAt: at(changed),
});
export const event = (block: number, log = 0) => ({
  id: `${at(block)}${CHAIN_ID.toString().padStart(16, '0')}${String(block).padStart(16, '0')}${'0'.repeat(16)}5${String(log).padStart(16, '0')}`,
  block: BigInt(block),
  timestamp: at(block),
  txHash: keccakOf(`transaction ${block}`) as Hex,
});

export const milli = (thousandths: bigint) => thousandths * 10n ** 15n;
