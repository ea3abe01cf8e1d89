import type { Database, Sql } from '@openledger/db';
import { datanetTree, type Hex } from '@openledger/protocol';
import { z } from 'zod';
import { type Body, readContent } from '../version/index.ts';
import { AttributingError } from './errors.ts';

/** A published version of a datanet with the bodies of its contributions. */
export type DatanetVersion = {
  readonly datanetId: bigint;
  readonly version: number;
  readonly dataRoot: Hex;
  readonly bodies: readonly Body[];
};

const list = z.object({
  contributions: z
    .array(
      z.object({
        id: z.string().regex(/^\d{1,20}$/),
        contentHash: z
          .string()
          .regex(/^0x[0-9a-f]{64}$/)
          .transform((hash) => hash as Hex),
      }),
    )
    .min(1),
});

/**
 * Reads a datanet's version: its root from the index, its list and bodies from the content store; the list is held against the root.
 *
 * @throws AttributingError when the version is not on chain, its list is not of its root, or a body is not kept.
 */
export const readDatanetVersion = async (
  { db, sql }: { readonly db: Database; readonly sql: Sql },
  { datanetId, version }: { readonly datanetId: bigint; readonly version: number },
): Promise<DatanetVersion> => {
  const what = `version ${version} of datanet ${datanetId}`;
  const [found] = await sql<{ dataRoot: Hex; uri: string }[]>`
    select data_root as "dataRoot", uri from chain.datanet_version
    where datanet_id = ${String(datanetId)}::text::numeric and version = ${version}`;
  if (found === undefined) throw new AttributingError(`There is no ${what} on chain`);
  const { dataRoot, uri } = found;
  const hash = /^openledger:content\/(0x[0-9a-f]{64})$/.exec(uri)?.[1] as Hex | undefined;
  if (hash === undefined) throw new AttributingError(`The list of ${what} is at ${uri}, not in the content store`);
  const read = readContent(db);
  const text = async (of: Hex, name: string): Promise<string> => {
    const body = await read(of);
    if (body === undefined) throw new AttributingError(`${name} (${of}) is not kept in the content store`);
    return new TextDecoder().decode(body);
  };
  const listed = list.safeParse(jsonOf(await text(hash, `The list of ${what}`)));
  if (!listed.success) throw new AttributingError(`The list of ${what} is not one: ${z.prettifyError(listed.error)}`);
  const contributions = listed.data.contributions.map(({ id, contentHash }) => ({
    contributionId: BigInt(id),
    contentHash,
  }));
  const { root } = datanetTree(contributions);
  if (root !== dataRoot)
    throw new AttributingError(`The list of ${what} has the root ${root}; on chain it is ${dataRoot}`);
  const bodies: Body[] = [];
  for (const { contributionId, contentHash } of contributions) {
    bodies.push({ contributionId, body: await text(contentHash, `Contribution ${contributionId}`) });
  }
  return { datanetId, version, dataRoot, bodies };
};

/** What was trained on, and what was not, of several versions; a contribution of two versions once. */
export const lessonsOf = (versions: readonly DatanetVersion[], heldOut: readonly bigint[]) => {
  const bodies = new Map(versions.flatMap((one) => one.bodies).map((body) => [body.contributionId, body]));
  const unknown = heldOut.find((id) => !bodies.has(id));
  if (unknown !== undefined)
    throw new AttributingError(`--held-out names contribution ${unknown}, which none of the versions has`);
  const out = new Set(heldOut);
  const [train, held] = [false, true].map((isOut) =>
    [...bodies.values()].filter(({ contributionId }) => out.has(contributionId) === isOut),
  );
  return { train: train!, heldOut: held! };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
