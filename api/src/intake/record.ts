import type { Database } from '@openledger/db';
import { fingerprint, fingerprintBand, fingerprintRow, intakeVerdict } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import type { Judgement } from './judge.ts';
import { bandValues, signatureBytes } from './min-hash.ts';
import { rules } from './rules.ts';

/** A transaction, or a pool. */
type Transaction = Pick<Database, 'insert'>;

/** Rows written in one statement: Postgres takes 65,535 parameters. */
const atOnce = 5_000;

/** Writes down what was decided and why, whatever it was. @returns the verdict's id */
export async function recordVerdict(
  tx: Transaction,
  {
    genesisHash,
    datanetId,
    contributor,
    judgement,
  }: {
    genesisHash: Hex;
    datanetId: bigint;
    contributor: Hex;
    judgement: Pick<Judgement, 'contentHash' | 'outcome' | 'findings'>;
  },
): Promise<bigint> {
  const { contentHash, outcome, findings } = judgement;
  const [row] = await tx
    .insert(intakeVerdict)
    .values({
      genesisHash,
      datanetId,
      contributor: contributor.toLowerCase() as Hex,
      contentHash,
      outcome,
      findings,
      rules,
    })
    .returning({ id: intakeVerdict.id });
  return row!.id;
}

/**
 * Keeps what later submissions are compared with; for those that were accepted or held, after their body was stored
 * (`putContents`). Doing it again changes nothing.
 * @returns false when the datanet had the content already: somebody else was faster by a moment
 * @throws RangeError for a judgement whose body could not be read
 */
export async function recordFingerprint(
  tx: Transaction,
  {
    genesisHash,
    datanetId,
    judgement,
  }: { genesisHash: Hex; datanetId: bigint; judgement: Pick<Judgement, 'contentHash' | 'fingerprint'> },
): Promise<boolean> {
  const { contentHash, fingerprint: print } = judgement;
  if (print?.signature === undefined)
    throw new RangeError(`Content ${contentHash} has no fingerprint: it was not read.`);
  const { signature, textHash, rows } = print;
  const [written] = await tx
    .insert(fingerprint)
    .values({
      genesisHash,
      datanetId,
      contentHash,
      signature: signatureBytes(signature),
      textHash,
      rowShift: rows.shift,
    })
    .onConflictDoNothing()
    .returning({ id: fingerprint.id });
  if (written === undefined) return false;
  const { id: fingerprintId } = written;
  await tx.insert(fingerprintBand).values(bandValues(signature).map((value, band) => ({ fingerprintId, band, value })));
  const values = [...rows.rowsOf.keys()].map((value) => ({ fingerprintId, value }));
  for (let i = 0; i < values.length; i += atOnce) await tx.insert(fingerprintRow).values(values.slice(i, i + atOnce));
  return true;
}
