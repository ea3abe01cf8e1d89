import type { contractAbis } from './generated/index.ts';

/** A contract of the protocol, as it is named in the Solidity sources. */
export type ContractName = keyof typeof contractAbis;
