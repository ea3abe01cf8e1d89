import type { Connection } from '@openledger/db';
import { contentHash } from '@openledger/db';
import type { IntakeFinding } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import type { ApiDatabase } from '../context.ts';
import { judgeAllowance } from './allowance.ts';
import { findSameContent, findSameText, type Place } from './exact.ts';
import { accept, type Outcome, outcomeOf } from './finding.ts';
import type { Fingerprint } from './fingerprint.ts';
import { judgeLicence } from './licence.ts';
import { signatureBytes } from './min-hash.ts';
import { findNear } from './near.ts';
import { reachOf } from './reach.ts';
import type { MediaType, Row } from './row.ts';
import { examineApart } from './workshop.ts';

export type Submission = {
  /** The pool over schema `app`. */
  readonly app: Pick<Connection, 'sql'>;
  /** The pool over schema `chain`. */
  readonly chain: ApiDatabase;
  readonly genesisHash: Hex;
  readonly datanetId: bigint;
  /** Lower-case address. */
  readonly contributor: Hex;
  readonly body: Uint8Array;
  /** What the sender says it is; the content decides. */
  readonly mediaType?: string | undefined;
  readonly fileName?: string | undefined;
  /** SPDX expression. */
  readonly license: string;
  /** For tests; now without it. */
  readonly now?: Date;
};

export type Judgement = {
  readonly outcome: Outcome;
  /** Every check up to the first that refused, in order, each explained. */
  readonly findings: readonly IntakeFinding[];
  /** Empty when the body could not be read. */
  readonly rows: readonly Row[];
  /** The rows' text, a blank line between them. */
  readonly text: string;
  /** Undefined when the body could not be read. */
  readonly mediaType: MediaType | undefined;
  /** keccak256 of the body, as it was sent. */
  readonly contentHash: Hex;
  /** As `app.fingerprint` keeps it: 112 hashes of 4 bytes, big-endian. Undefined when the body could not be read. */
  readonly signature: Uint8Array | undefined;
  /** For `recordFingerprint`. */
  readonly fingerprint: Fingerprint | undefined;
};

/**
 * Decides whether a submission is taken, held for a person, or refused: size and type, exact duplicate, near-duplicate,
 * quality, personal data, licence, rate; it stops at the first refusal. Writes nothing: see `recordVerdict` and
 * `recordFingerprint`.
 *
 * @example
 * const judgement = await judgeSubmission({ app, chain, genesisHash, datanetId: 1n, contributor, body, license: 'CC-BY-4.0' });
 * await app.db.transaction(async (tx) => {
 *   await recordVerdict(tx, { genesisHash, datanetId: 1n, contributor, judgement });
 *   if (judgement.outcome === 'refuse') return;
 *   await putContents(tx, [{ mediaType: judgement.mediaType!, body, license: 'CC-BY-4.0' }]);
 *   await recordFingerprint(tx, { genesisHash, datanetId: 1n, judgement });
 * });
 */
export async function judgeSubmission(submission: Submission): Promise<Judgement> {
  const { app, chain, genesisHash, datanetId, body } = submission;
  const contributor = submission.contributor.toLowerCase() as Hex;
  const hash = contentHash(body);
  const unread = {
    rows: [],
    text: '',
    mediaType: undefined,
    contentHash: hash,
    signature: undefined,
    fingerprint: undefined,
  };

  const place: Place = { genesisHash, contributor, datanetIds: await reachOf(chain, datanetId) };
  const examined = await examineApart(submission);
  if (!examined.readable) return { outcome: 'refuse', findings: [examined.finding], ...unread };
  const { reading, print, quality, privacy } = examined;

  const findings: IntakeFinding[] = [accept('size', sizeOf(body, reading.mediaType, reading.rows.length))];
  /** Cheap first; each is begun only when those before it did not refuse. */
  const checks: readonly (() => readonly IntakeFinding[] | Promise<readonly IntakeFinding[]>)[] = [
    async () => [
      (await findSameContent(chain, app.sql, place, hash)) ??
        (await findSameText(app.sql, place, print.textHash, hash)) ??
        accept('duplicate', 'Nobody sent this text before.'),
    ],
    async () =>
      orElse(
        await findNear(app.sql, place, print, reading, hash),
        accept('near-duplicate', 'It is not much like any other text here.'),
      ),
    () => orElse(quality, accept('quality', 'It reads as text that somebody wrote.')),
    () => orElse(privacy, accept('personal-data', 'No personal data or secrets were found.')),
    () => judgeLicence(submission.license, reading),
    () => judgeAllowance(chain, app.sql, place, print.signature, submission.now ?? new Date()),
  ];
  for (const check of checks) {
    findings.push(...(await check()));
    if (outcomeOf(findings) === 'refuse') break;
  }
  return {
    outcome: outcomeOf(findings),
    findings,
    rows: reading.rows,
    text: reading.rows.map(({ text }) => text).join('\n\n'),
    mediaType: reading.mediaType,
    contentHash: hash,
    signature: print.signature && signatureBytes(print.signature),
    fingerprint: print,
  };
}

const orElse = (findings: readonly IntakeFinding[], fine: IntakeFinding) => (findings.length > 0 ? findings : [fine]);

function sizeOf(body: Uint8Array, mediaType: MediaType, rows: number): string {
  return `${body.length.toLocaleString('en')} bytes of ${mediaType}, ${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}.`;
}
