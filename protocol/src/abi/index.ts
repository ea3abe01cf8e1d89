import type { ContractName } from './contracts.ts';
import { contractAbis, emittedEvents } from './generated/index.ts';

export type { ContractName } from './contracts.ts';
export * from './generated/index.ts';
export * from './published.ts';

/** Every deployable contract's name, in alphabetical order. */
export const contractNames = Object.keys(contractAbis) as readonly ContractName[];

/**
 * For every contract, the names of the events its code can actually emit, OpenZeppelin's included.
 *
 * Derived from the compiled code, not from the ABI: an event counts when its topic stands in the contract's code. So the
 * two that OpenZeppelin declares and no path of ours emits are absent: `EIP712DomainChanged` (a domain never changes) and
 * `RoleAdminChanged` (no role's admin is ever changed).
 *
 * @example
 * protocolEvents.RewardDistributor.includes('Claimed') // true
 */
export const protocolEvents: { readonly [Name in ContractName]: (typeof emittedEvents)[Name] } = emittedEvents;
