import { scoreCommitment } from '@openledger/protocol';
import { id, parseEther } from 'ethers';
import { reviewWindow } from './datanets.ts';
import type { Player, Sent, Session } from './session.ts';
import { sign } from './signing.ts';

/** A piece of data as the chain knows it. */
export type Content = {
  readonly datanetId: bigint;
  readonly contentHash: string;
  readonly uri: string;
  readonly licenseId: string;
  readonly rows: bigint;
};

export type Submitted = Content & { readonly id: bigint; readonly contributor: string };

/** Content that nobody has submitted before; its hash follows from its name. */
export function content(datanetId: bigint, name: string, rows: bigint): Content {
  const uri = `ipfs://content/${name}`;
  return { datanetId, contentHash: id(`${datanetId}/${name}`), uri, licenseId: id('MIT'), rows };
}

/** A contributor submits for itself. */
export async function submit(session: Session, contributor: Player, what: Content, when: string): Promise<Submitted> {
  const sent = await session.send(contributor, 'DatanetRegistry', 'submitContribution', contentArguments(what), {
    when,
  });
  return submitted(what, sent);
}

/** A relayer that the contributor authorised submits, and puts up the bond. */
export async function submitFor(
  session: Session,
  relayer: Player,
  contributor: Player,
  what: Content,
): Promise<Submitted> {
  const args = [contributor.address, ...contentArguments(what)];
  return submitted(
    what,
    await session.send(relayer, 'DatanetRegistry', 'submitContributionFor', args, { when: 'with a bond' }),
  );
}

/** Anyone carries a contribution that `contributor` (whose key, or whose owner's key, `signer` holds) has signed. */
export async function submitSigned(
  session: Session,
  carrier: Player,
  { contributor, signer, when }: { contributor: string; signer: Player; when: string },
  what: Content,
): Promise<Submitted> {
  const deadline = (await session.now()) + 3_600n;
  const signature = await sign(session, signer, 'Contribution', { contributor, ...what, deadline });
  const args = [contributor, ...contentArguments(what), deadline, signature];
  return submitted(
    what,
    await session.send(carrier, 'DatanetRegistry', 'submitContributionWithSignature', args, { when }),
  );
}

/** The validators commit to their scores, blind, then reveal them. Scores are parts of one, as decimal text. */
export async function review(
  session: Session,
  { id: contributionId }: Submitted,
  verdicts: readonly (readonly [validator: Player, score: string])[],
): Promise<void> {
  const evidenceHash = id(`evidence about ${contributionId}`);
  const blind = verdicts.map(([validator, score]) => ({
    validator,
    score: parseEther(score),
    salt: id(`${validator.name} on ${contributionId}`),
  }));
  for (const { validator, score, salt } of blind) {
    const commitment = scoreCommitment({
      chainId: session.manifest.chainId,
      registry: session.address('DatanetRegistry'),
      contributionId,
      validator: validator.address,
      score,
      evidenceHash,
      salt,
    });
    await session.send(validator, 'DatanetRegistry', 'commitScore', [contributionId, commitment]);
  }
  for (const { validator, score, salt } of blind) {
    await session.send(validator, 'DatanetRegistry', 'revealScore', [contributionId, score, evidenceHash, salt]);
  }
}

/** Decides a contribution by its revealed scores. */
export async function finalize(session: Session, caller: Player, { id }: Submitted, when: string): Promise<Sent> {
  return session.send(caller, 'DatanetRegistry', 'finalizeContribution', [id], { when });
}

/** Lets every window of a review that nobody took part in go by. */
export async function letReviewRunOut(session: Session): Promise<void> {
  await session.travel(reviewWindow + 1n);
}

export function contentArguments({ datanetId, contentHash, uri, licenseId, rows }: Content): readonly unknown[] {
  return [datanetId, contentHash, uri, licenseId, rows];
}

export function submitted(what: Content, sent: Sent): Submitted {
  const { contributionId, contributor } = sent.event('ContributionSubmitted').toObject();
  return { ...what, id: contributionId, contributor: contributor.toLowerCase() };
}
