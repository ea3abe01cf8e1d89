import type { PublishedContract } from '@openledger/protocol/abi';
import type { Hex } from 'viem';
import { append, type Recorded } from '../activity.ts';
import { publishedContracts } from '../deployment.ts';
import type { Facet } from '../facets.ts';
import { type Occurrence, on, type PublishedName } from '../occurrence.ts';
import { publishedFacets } from './facets.ts';

/**
 * Registers the handler of one event of OpenLedger's published contracts, where that contract is configured: Ponder refuses
 * a handler of a contract that it does not index.
 *
 * These handlers write nothing but rows of their own chain, which `chainId` tells apart: chains are followed each by
 * itself, so handlers of different chains run in any order. And none of them refuses an event, or one contract that behaves
 * otherwise than its ABI suggests would stop the index by which people are paid.
 */
export const onPublished = <name extends PublishedName>(
  name: name,
  handle: (e: Occurrence<name>) => Promise<Recorded>,
): void => {
  const [contract] = name.split(':') as [PublishedContract];
  if (publishedContracts.has(contract)) on(name, handle);
};

/** Appends an event of a published contract to the activity log; it counts in none of the protocol's figures. */
export const recordPublished = <name extends PublishedName>(e: Occurrence<name>): Promise<Recorded> => {
  const facet: Facet = publishedFacets[e.name];
  const args = e.args as Readonly<Record<string, unknown>>;
  return append(e, facet, facet.actor === undefined ? e.sender : (args[facet.actor] as Hex));
};
