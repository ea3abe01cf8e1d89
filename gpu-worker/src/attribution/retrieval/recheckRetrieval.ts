import type { Hex } from '@openledger/protocol';
import type { Evidence } from '@openledger/protocol/attribution';
import { mostExact } from './passageValues.ts';

/**
 * What is wrong with the passages of an evidence, each in one line; nothing when they are contributions' own, each once, and
 * told of in the way that so many are. What each added to the answer's likelihood can be told by who has prompt and answer.
 */
export const recheckRetrieval = (
  { method, fit, passages }: NonNullable<Evidence['retrieval']>,
  contributions: ReadonlyMap<bigint, { readonly contentHash: Hex }>,
): readonly string[] => {
  const wrong: string[] = [];
  const right = passages.length <= mostExact ? 'shapley' : 'regression';
  if (method !== right) wrong.push(`${passages.length} passages are told of by ${right}, not ${method}`);
  if ((fit === undefined) !== (method === 'shapley')) wrong.push(`fit is ${fit ?? 'missing'} of ${method}`);
  const seen = new Set<string>();
  for (const [place, { contributionId, contentHash, row }] of passages.entries()) {
    const name = `passage ${place} (contribution ${contributionId}, row ${row})`;
    const known = contributions.get(BigInt(contributionId));
    if (known === undefined) wrong.push(`${name}: there is no such contribution`);
    else if (known.contentHash !== contentHash) {
      wrong.push(`${name}: content ${contentHash}, the contribution's is ${known.contentHash}`);
    }
    if (seen.has(`${contributionId} ${row}`)) wrong.push(`${name}: is there twice`);
    seen.add(`${contributionId} ${row}`);
  }
  return wrong;
};
