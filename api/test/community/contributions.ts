import type { Hex } from '@openledger/db/chain';
import { id as keccakOf } from 'ethers';
import type { Rows } from '../world.ts';
import { attributedTo } from './answers.ts';
import { at, OPEN, people, provenance } from './base.ts';
import { contributionBlock, hashes, texts } from './texts.ts';

const { dora, emil } = people;

/** The contributions as the index has them. */
export const contribution = texts.map(({ datanet, by, status, text }, i) => {
  const n = i + 1;
  const block = contributionBlock(n);
  return {
    id: BigInt(n),
    datanetId: datanet,
    contributor: by,
    relayer: by,
    contentHash: hashes[i]!,
    uri: `openledger:content/${hashes[i]}`,
    licenseId: keccakOf('CC-BY-4.0') as Hex,
    rows: BigInt(text.split('\n').length - 1),
    bond: OPEN,
    status,
    score: status === 'accepted' ? (OPEN * BigInt(80 + n)) / 100n : 0n,
    reason: status === 'rejected' ? (keccakOf('SPAM') as Hex) : null,
    decidedAt: status === 'pending' ? null : at(block + 900),
    commits: status === 'pending' ? 0 : 2,
    scores: status === 'pending' ? 0 : 2,
    attributions: attributedTo(n).length,
    attributed: attributedTo(n).reduce((sum, { amount }) => sum + amount, 0n),
    ...provenance(block, status === 'pending' ? block : block + 900),
  };
});
/** What validators made of them. */
export const contributionRows = (): Partial<Rows> => ({
  contribution,
  contributionScore: contribution
    .filter(({ scores }) => scores > 0)
    .flatMap((row) =>
      [dora, emil].map((validator, k) => ({
        contributionId: row.id,
        validator,
        datanetId: row.datanetId,
        commitment: keccakOf(`score ${row.id} ${k}`) as Hex,
        score: row.status === 'rejected' ? OPEN / 10n : row.score + (k === 0 ? -OPEN / 100n : OPEN / 100n),
        evidenceHash: keccakOf(`notes ${row.id} ${k}`) as Hex,
        revealedAt: at(Number(row.createdBlock) + 800 + k),
        ...provenance(Number(row.createdBlock) + 100 + k, Number(row.createdBlock) + 800 + k),
      })),
    ),
});
