import {
  openVersion,
  readContent,
  readContributions,
  readOnChain,
  type VersionData,
  VersionError,
} from '@openledger/gpu-worker/attribution/version';
import type { Hex } from '@openledger/protocol';
import { uriOf } from './documents.ts';
import type { Sources } from './sources.ts';

/** A version with the card that a receipt names, read and checked against the chain; or why it cannot be. */
export type OpenedVersion = { readonly data: VersionData } | { readonly refused: string };

/** Opens a version with one of the cards that its owner put on chain. */
export const openWithCard = async (
  { connection: { db, sql } }: Sources,
  modelId: bigint,
  version: number,
  cardHash: Hex,
): Promise<OpenedVersion> => {
  try {
    const onChain = await readOnChain(sql, modelId, version);
    const cardUris = onChain.cardUris.filter((uri) => uri === uriOf(cardHash));
    if (cardUris.length === 0) return { refused: `the card ${cardHash} is not on chain for this version` };
    const contributionsOf = (ids: readonly bigint[]) => readContributions(sql, ids);
    return { data: await openVersion({ read: readContent(db), onChain: { ...onChain, cardUris }, contributionsOf }) };
  } catch (error) {
    if (isRefusal(error)) return { refused: error.message };
    throw error;
  }
};

const refusals = ['VersionError', 'InfluenceError', 'SpanError'];

/** That public files are not what they are said to be. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof VersionError || (error instanceof Error && refusals.includes(error.name));
