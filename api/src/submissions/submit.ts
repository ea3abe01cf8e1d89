import { putContents } from '@openledger/db';
import { content, submission, upload } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { judgeSubmission, recordFingerprint, recordVerdict } from '../intake/index.ts';
import { checkSignedBy } from '../onchain/signed-by.ts';
import { requireRelayer } from '../relayers/authorised.ts';
import { type Body, bodyOf, type ContentInput } from './body.ts';
import { type Contribution, checkOpen, checkRows, contributionOf } from './contribution.ts';
import { enqueueSubmission, trySending } from './relaying.ts';

export type SubmitInput = {
  readonly datanetId: bigint;
  readonly content: ContentInput;
  readonly license: string;
  readonly rows?: bigint | null | undefined;
  readonly deadline?: bigint | null | undefined;
  readonly signature?: Hex | null | undefined;
};

/** `repeated`: the same submission was under way already, and nothing was done. */
export type Submitted = { readonly id: bigint; readonly repeated: boolean };

type Signed = { readonly signature: Hex; readonly deadline: bigint } | null;

const place = 'submitContribution';

/**
 * Takes a contribution: checks the signature or the relayer's authorisation, lets intake judge the content, and stores
 * content, fingerprint, verdict and the relayer's action in one transaction, or the verdict alone when it is refused.
 * @throws BAD_SIGNATURE, FORBIDDEN, CONFLICT, NOT_FOUND, BAD_USER_INPUT, CHAIN_UNAVAILABLE
 */
export async function submitContribution(context: ApiContext, account: Hex, input: SubmitInput): Promise<Submitted> {
  const license = input.license.trim();
  if (license === '' || license.length > 200) {
    throw badInput(`${place}: license is empty or too long: expected an SPDX expression such as CC-BY-4.0.`);
  }
  const signed = signedOf(input);
  const body = await bodyOf(context, account, input.content, place);
  const claimed = contributionOf(account, input.datanetId, body.body, license, input.rows ?? 0n);
  const earlier = await underWay(context, claimed);
  if (earlier !== undefined) return { id: earlier, repeated: true };
  await checkOpen(context, claimed, place);
  if (signed === null) {
    await requireRelayer(context, account, place);
  } else {
    const message = { ...claimed, deadline: signed.deadline };
    const signature = { account, name: 'Contribution', message, signature: signed.signature } as const;
    await checkSignedBy(context, { place, intent: 'contributionIntent', ...signature });
  }
  return judgeAndStore(context, { body, license, claimed, signed, rows: input.rows ?? null });
}

/** @throws BAD_USER_INPUT for half a signature */
function signedOf({ signature, deadline, rows }: SubmitInput): Signed {
  if (signature == null && deadline == null) return null;
  if (signature == null || deadline == null || rows == null) {
    throw badInput(
      `${place}: a signature needs signature, deadline and rows, as contributionIntent gives them; leave all three out to submit through an authorised relayer.`,
    );
  }
  return { signature, deadline };
}

/** The same contribution, held or on its way; undefined when there is none. What failed may be tried again. */
async function underWay(
  { app, genesisHash }: ApiContext,
  { datanetId, contentHash, contributor }: Contribution,
): Promise<bigint | undefined> {
  const [found] = await app.sql<{ id: bigint }[]>`
    select s.id from app.submission s
      join app.intake_verdict v on v.id = s.verdict_id
      left join app.relay r on r.idempotency_key = s.relay_key
     where s.genesis_hash = ${genesisHash} and s.datanet_id = ${String(datanetId)}::text::numeric
       and s.content_hash = ${contentHash} and s.contributor = ${contributor}
       and (r.state in ('pending', 'submitted') or (v.outcome = 'hold' and v.resolved_at is null))
     order by s.id desc limit 1`;
  return found?.id;
}

type Taking = {
  readonly body: Body;
  readonly license: string;
  readonly claimed: Contribution;
  readonly signed: Signed;
  readonly rows: bigint | null;
};

async function judgeAndStore(context: ApiContext, taking: Taking): Promise<Submitted> {
  const { app, db, genesisHash } = context;
  const { body, license, claimed, signed } = taking;
  const { datanetId, contributor } = claimed;
  const whose = { genesisHash, datanetId, contributor };
  const judgement = await judgeSubmission({ app, chain: db, ...whose, ...body, license });
  const rows = BigInt(judgement.rows.length);
  if (judgement.rows.length > 0 && taking.rows !== null) checkRows(taking.rows, rows);
  const contribution = { ...claimed, rows };
  if (judgement.outcome === 'accept') await trySending(context, contribution, signed);

  return app.db.transaction(async (tx) => {
    // Two requests with the same content: the second one finds what the first one wrote.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${datanetId} ${claimed.contentHash}`}, 0))`);
    const earlier = await underWay(context, claimed);
    if (earlier !== undefined) return { id: earlier, repeated: true };
    const verdictId = await recordVerdict(tx, { ...whose, judgement });
    let relayKey: string | null = null;
    if (judgement.outcome !== 'refuse') {
      await putContents(tx, [{ mediaType: judgement.mediaType!, body: body.body, license }]);
      const [kept] = await tx
        .select({ erasedAt: content.erasedAt })
        .from(content)
        .where(eq(content.hash, claimed.contentHash));
      if (kept?.erasedAt) {
        throw userError(
          'CONFLICT',
          `${place}: this content was erased at ${kept.erasedAt.toISOString()} and stays so.`,
        );
      }
      await recordFingerprint(tx, { genesisHash, datanetId, judgement });
    }
    if (judgement.outcome === 'accept') {
      relayKey = await enqueueSubmission(tx, { genesisHash, contribution, signed, verdictId });
    }
    const { contentHash, uri } = contribution;
    const [row] = await tx
      .insert(submission)
      .values({
        ...{ ...whose, verdictId, contentHash, uri, license, rows, relayKey },
        ...{ signature: signed?.signature ?? null, deadline: signed?.deadline ?? null },
      })
      .returning({ id: submission.id });
    await tx.delete(upload).where(and(eq(upload.account, contributor), eq(upload.hash, contentHash)));
    return { id: row!.id, repeated: false };
  });
}
