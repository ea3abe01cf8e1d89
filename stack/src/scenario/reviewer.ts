import { AbiCoder, keccak256 } from 'ethers';
import type { Contents } from './contents.ts';
import type { Library } from './library.ts';
import { createNoveltyIndex, type NoveltyIndex } from './novelty.ts';
import { type PersonaName, personaKey } from './personas.ts';
import { judge, type Verdict } from './rubric.ts';
import type { Contribution, World } from './world.ts';

/** Reads contributions for the validators. What it finds depends on the chain and the texts alone, so a restart finds it again. */
export type Reviewer = {
  /** Looks up the texts of contributions that others made. */
  fetchTexts(world: World): Promise<void>;
  /** A validator's verdict; undefined while the text is not to be had. */
  judge(world: World, validator: PersonaName, contribution: Contribution): Verdict | undefined;
  /** The other accepted contribution of the datanet that has most of this one's phrases. */
  twin(world: World, contribution: Contribution): { contributionId: bigint; share: number } | undefined;
  /** What makes a validator's commitment unguessable. */
  salt(validator: PersonaName, registry: string, contributionId: bigint): `0x${string}`;
};

export function createReviewer(library: Library, contents: Contents): Reviewer {
  const indexes = new Map<bigint, NoveltyIndex>();
  const verdicts = new Map<string, Verdict>();
  const fetched = new Map<string, readonly string[] | undefined>();

  const rowsOf = (contentHash: string) => library.find(contentHash)?.rows ?? fetched.get(contentHash);

  const indexOf = (world: World, datanetId: bigint): NoveltyIndex => {
    const index = indexes.get(datanetId) ?? createNoveltyIndex();
    indexes.set(datanetId, index);
    for (const each of world.contributions.values()) {
      if (each.datanetId !== datanetId || each.acceptedBlock === undefined || index.has(each.id)) continue;
      const rows = rowsOf(each.contentHash);
      if (rows !== undefined) index.add(each.id, rows.join('\n'));
    }
    return index;
  };

  const nearest = (
    world: World,
    contribution: Contribution,
    rows: readonly string[],
    counts: (other: Contribution) => boolean,
  ) => {
    const found = indexOf(world, contribution.datanetId).nearest(rows.join('\n'), (key) => {
      const other = world.contributions.get(key);
      return key !== contribution.id && other !== undefined && counts(other);
    });
    return found === undefined ? undefined : { contributionId: found.key, share: found.share };
  };

  return {
    async fetchTexts(world) {
      for (const { contentHash } of world.contributions.values()) {
        if (library.find(contentHash) !== undefined || fetched.has(contentHash)) continue;
        fetched.set(contentHash, readRows(await contents.text(contentHash)));
      }
    },
    judge(world, validator, contribution) {
      const key = `${contribution.id}/${validator}`;
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      const rows = rowsOf(contribution.contentHash);
      if (rows === undefined) return undefined;
      // What was accepted when it was handed in, whenever this is asked: commitment and reveal must agree.
      const verdict = judge(validator, {
        contentHash: contribution.contentHash,
        rows,
        nearest: nearest(world, contribution, rows, ({ acceptedBlock, revokedBlock }) => {
          const at = contribution.submittedBlock;
          return (
            acceptedBlock !== undefined && acceptedBlock < at && (revokedBlock === undefined || revokedBlock >= at)
          );
        }),
      });
      verdicts.set(key, verdict);
      return verdict;
    },
    twin(world, contribution) {
      const rows = rowsOf(contribution.contentHash);
      if (rows === undefined) return undefined;
      return nearest(world, contribution, rows, ({ status, id }) => status === 'accepted' && id < contribution.id);
    },
    salt(validator, registry, contributionId) {
      const values = [personaKey(validator), registry, contributionId];
      return keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'address', 'uint256'], values)) as `0x${string}`;
    },
  };
}

/** The rows of a stored body: JSON Lines of {"text"}, or plain text as one row for each line. */
export function readRows(body: string | undefined): readonly string[] | undefined {
  if (body === undefined) return undefined;
  return body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        const json: unknown = JSON.parse(line);
        return typeof json === 'object' && json !== null && 'text' in json ? String(json.text) : line;
      } catch {
        return line;
      }
    });
}
