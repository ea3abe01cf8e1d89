import { scoreCommitment } from '@openledger/protocol';
import { id, parseEther } from 'ethers';
import { reviewWindow } from './datanets.ts';
import type { FunctionName, Player, Sent, Session } from './session.ts';
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

/** A relayer submits many contributions of one account in one transaction, none of which takes a bond. */
export async function submitTogether(
  session: Session,
  relayer: Player,
  contributor: Player,
  contents: readonly Content[],
): Promise<readonly Submitted[]> {
  const calls = contents.map((what) => [contributor.address, ...contentArguments(what)]);
  const when = `${contents.length} contributions without a bond`;
  const { events } = await together(session, relayer, 'submitContributionFor', calls, when);
  const ids: bigint[] = events
    .filter(({ name }) => name === 'ContributionSubmitted')
    .map(({ args }) => args.contributionId);
  return contents.map((what, index) => ({ ...what, id: ids[index]!, contributor: contributor.address }));
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

/** Who finds what; scores are parts of one, as decimal text. */
export type Verdicts = readonly (readonly [validator: Player, score: string])[];

/** The validators commit to their scores, blind, then reveal them. */
export async function review(session: Session, contribution: Submitted, verdicts: Verdicts): Promise<void> {
  const { commits, reveals } = blindly(session, contribution, verdicts);
  for (const { validator, args } of commits) await session.send(validator, 'DatanetRegistry', 'commitScore', args);
  for (const { validator, args } of reveals) await session.send(validator, 'DatanetRegistry', 'revealScore', args);
}

/** The same through a relayer that the validators authorised, call by call. */
export async function reviewThrough(
  session: Session,
  relayer: Player,
  contribution: Submitted,
  verdicts: Verdicts,
): Promise<void> {
  const { commits, reveals } = blindly(session, contribution, verdicts);
  for (const { validator, args } of commits) {
    await session.send(relayer, 'DatanetRegistry', 'commitScoreFor', [validator.address, ...args]);
  }
  for (const { validator, args } of reveals) {
    await session.send(relayer, 'DatanetRegistry', 'revealScoreFor', [validator.address, ...args]);
  }
}

/** The same in two transactions: all commitments, then all scores. */
export async function reviewInBatches(
  session: Session,
  relayer: Player,
  contribution: Submitted,
  verdicts: Verdicts,
): Promise<void> {
  const { commits, reveals } = blindly(session, contribution, verdicts);
  const commitFor = commits.map(({ validator, args }) => [validator.address, ...args]);
  const revealFor = reveals.map(({ validator, args }) => [validator.address, ...args]);
  await together(session, relayer, 'commitScoreFor', commitFor, `${commits.length} commitments`);
  await together(session, relayer, 'revealScoreFor', revealFor, `${reveals.length} scores`);
}

/** Carries many calls of one function in one transaction. */
export async function together(
  session: Session,
  from: Player,
  method: FunctionName<'DatanetRegistry'>,
  calls: readonly (readonly unknown[])[],
  when: string,
): Promise<Sent> {
  const data = calls.map((args) => session.encode('DatanetRegistry', method, args));
  return session.send(from, 'DatanetRegistry', 'multicall', [data], { when, items: calls.length });
}

function blindly(session: Session, { id: contributionId }: Submitted, verdicts: Verdicts) {
  const evidenceHash = id(`evidence about ${contributionId}`);
  const scored = verdicts.map(([validator, score]) => ({
    validator,
    score: parseEther(score),
    salt: id(`${validator.name} on ${contributionId}`),
  }));
  const place = { chainId: session.manifest.chainId, registry: session.address('DatanetRegistry') };
  return {
    commits: scored.map(({ validator, score, salt }) => {
      const blind = { ...place, contributionId, validator: validator.address, score, evidenceHash, salt };
      return { validator, args: [contributionId, scoreCommitment(blind)] };
    }),
    reveals: scored.map(({ validator, score, salt }) => ({
      validator,
      args: [contributionId, score, evidenceHash, salt],
    })),
  };
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
