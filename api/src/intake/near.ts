import type { Sql } from '@openledger/db';
import type { IntakeFinding } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { numbers, type Place, whereabouts } from './exact.ts';
import { type Outcome, percent, rowsNamed } from './finding.ts';
import { type Fingerprint, isKept, type RowPrints } from './fingerprint.ts';
import { bandValues, signatureOfBytes, similarity } from './min-hash.ts';
import { type Reading, unitOf } from './row.ts';
import { likeness } from './rules.ts';

/** Texts compared whole at most: those that share most bands. */
const compared = 200;
/** Rows taken below which it may be chance: a person looks. */
const fewRows = 5;
/** Others looked at for one value of a row: a sentence that stands in more is nobody's. */
const holdersOfRow = 50;

const outcomeAt = (share: number, { hold, refuse }: { hold: number; refuse: number }): Outcome =>
  share >= refuse ? 'refuse' : share >= hold ? 'hold' : 'accept';

/** Texts nearly the same as a whole, and rows taken from others: the likest of each. */
export async function findNear(
  sql: Sql,
  place: Place,
  print: Fingerprint,
  reading: Reading,
  contentHash: Hex,
): Promise<readonly IntakeFinding[]> {
  const [whole, rows] = [
    await likestText(sql, place, print, contentHash),
    await likestRows(sql, place, print.rows, contentHash),
  ];
  const findings: IntakeFinding[] = [];
  const unit = unitOf(reading.mediaType);
  if (whole !== undefined && outcomeAt(whole.share, likeness.text) !== 'accept') {
    findings.push({
      check: 'near-duplicate',
      outcome: outcomeAt(whole.share, likeness.text),
      explanation: `The text is about ${percent(whole.share)} the same as one that is already ${whereabouts(whole.datanetId, place)} (content ${whole.contentHash}). Send only what is new; small changes to a text make no new one.`,
    });
  }
  if (rows !== undefined && outcomeAt(rows.share, likeness.rows) !== 'accept') {
    findings.push({
      check: 'copied-rows',
      outcome: rows.rows.length < fewRows ? 'hold' : outcomeAt(rows.share, likeness.rows),
      explanation: `About ${percent(rows.share)} of the text, beginning at ${rowsNamed(
        rows.rows.map((row) => reading.rows[row]!.line),
        unit,
      )}, stands in a contribution that is already ${whereabouts(rows.datanetId, place)} (content ${rows.contentHash}). Leave those rows out and send the others.`,
    });
  }
  return findings;
}

/** Not itself in an earlier try, and not what a person refused. */
const counts = (sql: Sql, { genesisHash, datanetIds }: Place, contentHash: Hex) => sql`
  f.genesis_hash = ${genesisHash} and f.datanet_id = any(${numbers(datanetIds)}::text::numeric[])
  and not (f.content_hash = ${contentHash} and f.datanet_id = ${String(datanetIds[0])}::text::numeric)
  and not exists (select from app.intake_verdict v where v.content_hash = f.content_hash and v.genesis_hash = f.genesis_hash
                   and v.datanet_id = f.datanet_id and v.resolution = 'refuse')`;

async function likestText(sql: Sql, place: Place, { signature }: Fingerprint, contentHash: Hex) {
  if (signature === undefined) return undefined;
  const values = bandValues(signature);
  const candidates = await sql<{ datanetId: bigint; contentHash: Hex; signature: Uint8Array }[]>`
    with met as (
      select b.fingerprint_id as id, count(*) as bands
        from unnest(${numbers(values.keys())}::text::smallint[], ${numbers(values)}::text::bigint[]) as q (band, value)
        join app.fingerprint_band b on b.band = q.band and b.value = q.value
       group by 1)
    select f.datanet_id as "datanetId", f.content_hash as "contentHash", f.signature
      from met join app.fingerprint f on f.id = met.id
     where ${counts(sql, place, contentHash)}
     order by met.bands desc, f.id limit ${compared}`;
  let likest: { share: number; datanetId: bigint; contentHash: Hex } | undefined;
  for (const candidate of candidates) {
    const other = signatureOfBytes(candidate.signature);
    const share = other.length === signature.length ? similarity(signature, other) : 0;
    if (likest === undefined || share > likest.share) likest = { ...candidate, share };
  }
  return likest;
}

async function likestRows(sql: Sql, place: Place, prints: RowPrints, contentHash: Hex) {
  if (prints.rowsOf.size === 0) return undefined;
  const holders = await sql<{ datanetId: bigint; contentHash: Hex; shift: number; values: bigint[] }[]>`
    with met as (
      select h.fingerprint_id as id, array_agg(q.value) as values
        from unnest(${numbers(prints.rowsOf.keys())}::text::bigint[]) as q (value)
        cross join lateral (
          select r.fingerprint_id from app.fingerprint_row r join app.fingerprint f on f.id = r.fingerprint_id
           where r.value = q.value and f.genesis_hash = ${place.genesisHash} and f.datanet_id = any(${numbers(place.datanetIds)}::text::numeric[])
           order by r.fingerprint_id limit ${holdersOfRow}) h
       group by 1 order by count(*) desc limit ${compared})
    select f.datanet_id as "datanetId", f.content_hash as "contentHash", f.row_shift as shift, met.values
      from met join app.fingerprint f on f.id = met.id
     where ${counts(sql, place, contentHash)}`;
  let likest: { share: number; rows: readonly number[]; datanetId: bigint; contentHash: Hex } | undefined;
  for (const holder of holders) {
    const copied = copiedShare(prints, holder.shift, holder.values.map(BigInt));
    if (likest === undefined || copied.share > likest.share) likest = { ...holder, ...copied };
  }
  return likest;
}

/**
 * How much of a text, by characters, stands in rows that another has too. Where either was thinned, the rows that are left of
 * both speak for all.
 */
export function copiedShare({ rowsOf, weights, shift }: RowPrints, otherShift: number, met: readonly bigint[]) {
  const common = Math.max(shift, otherShift);
  const taken = new Set(met.flatMap((value) => rowsOf.get(value) ?? []));
  let seen: Iterable<number> = weights.keys();
  if (common > 0) seen = new Set([...rowsOf].flatMap(([value, rows]) => (isKept(value, common) ? rows : [])));
  let [all, copied] = [0, 0];
  for (const row of seen) {
    all += weights[row]!;
    if (taken.has(row)) copied += weights[row]!;
  }
  return { share: all === 0 ? 0 : copied / all, rows: [...taken].sort((a, b) => a - b) };
}
