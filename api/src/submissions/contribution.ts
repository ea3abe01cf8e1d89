import { contentHash } from '@openledger/db';
import type { Hex } from '@openledger/db/chain';
import type { Message } from '@openledger/protocol';
import { keccak256, stringToHex } from 'viem';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { examineApart } from '../intake/workshop.ts';
import { ContractRefusal } from '../onchain/reader.ts';
import { badSignature } from '../onchain/signed-by.ts';
import { type TypedData, typedDataOf } from '../onchain/typed-data.ts';
import type { Body } from './body.ts';

/** How the chain points at a content that is kept here. */
export const contentUri = (hash: Hex): string => `openledger:content/${hash}`;
/** How the chain names a licence: keccak256 of its SPDX expression. */
export const licenseIdOf = (license: string): Hex => keccak256(stringToHex(license));

/** Seconds that a signature is good for, when nobody says otherwise. */
const SIGNATURE_SECONDS = 3_600n;

/** A contribution as it goes on chain, but for the deadline of a signature. */
export type Contribution = Omit<Message<'Contribution'>, 'deadline'> & {
  readonly contributor: Hex;
  readonly contentHash: Hex;
  readonly licenseId: Hex;
};

export type Intent = {
  readonly contribution: Contribution;
  readonly deadline: bigint;
  readonly typedData: TypedData;
};

/** @param license SPDX expression, trimmed */
export function contributionOf(
  contributor: Hex,
  datanetId: bigint,
  body: Uint8Array,
  license: string,
  rows: bigint,
): Contribution {
  const hash = contentHash(body);
  const licenseId = licenseIdOf(license);
  return { contributor, datanetId, contentHash: hash, uri: contentUri(hash), licenseId, rows };
}

/**
 * What a contributor signs to give a content to a datanet.
 * @throws BAD_USER_INPUT for a content that cannot be read, or a deadline that is past
 */
export async function intentOf(
  context: ApiContext,
  contributor: Hex,
  {
    datanetId,
    content,
    license,
    deadline,
  }: {
    readonly datanetId: bigint;
    readonly content: Body;
    readonly license: string;
    readonly deadline: bigint | undefined;
  },
): Promise<Intent> {
  const examined = await examineApart(content);
  if (!examined.readable) throw badInput(`contributionIntent: ${examined.finding.explanation}`);
  const now = await context.protocol.now();
  const until = deadline ?? now + SIGNATURE_SECONDS;
  if (until <= now) throw badInput('contributionIntent: deadline is past: expected a time ahead, or none.');
  const rows = BigInt(examined.reading.rows.length);
  const contribution = contributionOf(contributor, datanetId, content.body, license, rows);
  const typedData = typedDataOf(context, 'Contribution', { ...contribution, deadline: until });
  return { contribution, deadline: until, typedData };
}

/** What the registry says of a datanet. */
export type OnChainDatanet = { readonly owner: Hex; readonly status: number; readonly quorum: number };
const ACTIVE = 1;

/** @throws NOT_FOUND for one that is not there, CHAIN_UNAVAILABLE */
export async function datanetOnChain(
  { protocol }: Pick<ApiContext, 'protocol'>,
  datanetId: bigint,
  place: string,
): Promise<OnChainDatanet> {
  try {
    const { owner, status, quorum } = await protocol.view<OnChainDatanet>('DatanetRegistry', 'datanet', [datanetId]);
    return { owner: owner.toLowerCase() as Hex, status, quorum };
  } catch (error) {
    if (!(error instanceof ContractRefusal)) throw error;
    throw userError('NOT_FOUND', `${place}: there is no datanet ${datanetId}.`);
  }
}

/** @throws CONFLICT for a datanet that takes nothing, or that has the content already; NOT_FOUND */
export async function checkOpen(
  context: Pick<ApiContext, 'protocol'>,
  { datanetId, contentHash: hash, contributor }: Contribution,
  place: string,
): Promise<void> {
  const { protocol } = context;
  const [{ status }, existing] = await Promise.all([
    datanetOnChain(context, datanetId, place),
    protocol.view<bigint>('DatanetRegistry', 'contributionOf', [datanetId, hash]),
  ]);
  if (status !== ACTIVE) {
    throw userError('CONFLICT', `${place}: datanet ${datanetId} is paused or archived and takes no contributions.`);
  }
  if (existing === 0n) return;
  const { contributor: first } = await protocol.view<{ contributor: Hex }>('DatanetRegistry', 'contribution', [
    existing,
  ]);
  const whose = first.toLowerCase() === contributor ? 'It is yours: what was signed for it is used up.' : '';
  throw userError(
    'CONFLICT',
    `${place}: datanet ${datanetId} has this content already, as contribution ${existing}. ${whose} The same content is taken once.`,
  );
}

/** @throws BAD_SIGNATURE when the rows that were signed are not those that are there */
export function checkRows(signed: bigint, rows: bigint): void {
  if (signed === rows) return;
  throw badSignature(
    `submitContribution: rows is ${signed}, and the content has ${rows}. Sign exactly what contributionIntent gives.`,
  );
}
