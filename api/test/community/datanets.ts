import type { Hex } from '@openledger/db/chain';
import { id as keccakOf } from 'ethers';
import { hash, type Rows } from '../world.ts';
import { at, OPEN, people, provenance } from './base.ts';
import { contribution } from './contributions.ts';
import { contributionBlock, treeOf, versions } from './texts.ts';

const { alice, bruno, chiara, dora, emil, farid } = people;

const inDatanet = (id: bigint) => contribution.filter(({ datanetId }) => datanetId === id);
const count = (id: bigint, status: string) => inDatanet(id).filter((row) => row.status === status).length;
/** Datanets, their versions and who takes part in them. */
export const datanetRows = (): Partial<Rows> =>
  ({
    datanet: [
      { id: 1n, name: 'Rust Ownership Questions', visibility: 'public' as const },
      { id: 2n, name: 'Port Pilot Reports', visibility: 'private' as const },
    ].map(({ id, name, visibility }) => ({
      id,
      owner: alice,
      name,
      uri: `openledger:content/${keccakOf(name)}`,
      uriHash: keccakOf(name) as Hex,
      visibility,
      status: 'active' as const,
      minBond: OPEN,
      scoreThreshold: (OPEN * 6n) / 10n,
      quorum: 2,
      reviewWindow: 3600n,
      contributions: inDatanet(id).length,
      pending: count(id, 'pending'),
      accepted: count(id, 'accepted'),
      rejected: count(id, 'rejected'),
      contributors: 2,
      rows: inDatanet(id)
        .filter(({ status }) => status === 'accepted')
        .reduce((sum, { rows }) => sum + rows, 0n),
      latestVersion: versions.filter(({ datanetId }) => datanetId === id).length,
      trainings: id === 1n ? 2 : 0,
      attributed: inDatanet(id).reduce((sum, { attributed }) => sum + attributed, 0n),
      ...provenance(10 + Number(id), 95_000),
    })),
    datanetVersion: versions.map(({ datanetId, version, ids, block }) => ({
      datanetId,
      version,
      dataRoot: treeOf(ids).root,
      contributions: BigInt(ids.length),
      rows: ids.reduce((sum, n) => sum + contribution[n - 1]!.rows, 0n),
      uri: `openledger:content/${hash(version)}`,
      ...provenance(block),
    })),
    datanetValidator: [1n, 2n].flatMap((datanetId) =>
      [dora, emil].map((validator) => ({
        datanetId,
        validator,
        active: true,
        commits: 5,
        scores: 5,
        ...provenance(20),
      })),
    ),
    datanetAccess: [
      {
        datanetId: 2n,
        grantee: farid,
        status: 'granted' as const,
        purpose: 'an assistant for pilots',
        expiresAt: 2n ** 40n,
        ...provenance(500),
      },
    ],
    datanetContributor: [bruno, chiara].map((contributor) => {
      const given = inDatanet(1n).filter((row) => row.contributor === contributor);
      const accepted = given.filter(({ status }) => status === 'accepted');
      return {
        datanetId: 1n,
        contributor,
        submitted: given.length,
        accepted: accepted.length,
        rejected: given.filter(({ status }) => status === 'rejected').length,
        rows: accepted.reduce((sum, { rows }) => sum + rows, 0n),
        penalty: 0n,
        attributed: given.reduce((sum, { attributed }) => sum + attributed, 0n),
        lastSubmittedAt: at(contributionBlock(6)),
        ...provenance(300),
      };
    }),
  }) as Partial<Rows>;
