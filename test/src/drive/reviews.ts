import { datanetTree } from '@openledger/protocol';
import { encodeBytes32String } from 'ethers';
import type { Cast } from './cast.ts';
import {
  content,
  finalize,
  letReviewRunOut,
  review,
  reviewInBatches,
  reviewThrough,
  type Submitted,
  submit,
  submitFor,
  submitSigned,
  submitTogether,
  together,
  type Verdicts,
} from './contributions.ts';
import type { Datanets } from './datanets.ts';
import type { Session } from './session.ts';
import { nonceOf, sign } from './signing.ts';
import { openWallet, type SmartWallet } from './smart-wallet.ts';

/** What the reviews left behind. */
export type Reviewed = {
  /** Accepted in the reviewed datanet: Alice's, Bob's (relayed), Carol's (signed) and the smart wallet's. */
  readonly accepted: readonly Submitted[];
  /** Accepted in the curated datanet, by its owner. */
  readonly curated: readonly Submitted[];
  /** Sybil's copy that slipped through; a dispute will show it. */
  readonly copied: Submitted;
  readonly wallet: SmartWallet;
  readonly versions: { readonly reviewed: bigint; readonly curated: bigint };
};

const withBond = 'with a bond';
const accepts = 'accepted, 3 scores';
const reason = encodeBytes32String;

/** Contributions arrive in every way there is, and end in every way there is. */
export async function reviewContributions(
  session: Session,
  cast: Cast,
  { reviewed, curated }: Datanets,
): Promise<Reviewed> {
  const { alice, bob, carol, sybil, dave, vera, victor, valerie, rita } = cast;
  const wallet = await openWallet(session, cast.sam);
  await authorizeRelayers(session, cast);

  const accepted = [
    await submit(session, alice, content(reviewed, 'guide', 120n), withBond),
    await submitFor(session, rita, bob, content(reviewed, 'manual', 80n)),
    await submitSigned(
      session,
      rita,
      { contributor: carol.address, signer: carol, when: 'with a bond, key' },
      content(reviewed, 'tutorial', 60n),
    ),
    await submitSigned(
      session,
      rita,
      { contributor: wallet.address, signer: wallet.owner, when: 'with a bond, ERC-1271 wallet' },
      content(reviewed, 'reference', 40n),
    ),
  ];
  const scores = ['0.9', '0.8', '0.7', '0.85'];
  for (const [index, contribution] of accepted.entries()) {
    const score = scores[index]!;
    const verdicts: Verdicts = [
      [vera, score],
      [victor, '0.75'],
      [valerie, score],
    ];
    // Rita submitted the second herself: carrying a review is not giving it.
    if (index === 1) await reviewThrough(session, rita, contribution, verdicts);
    else if (index === 2) await reviewInBatches(session, rita, contribution, verdicts);
    else await review(session, contribution, verdicts);
    await finalize(session, alice, contribution, accepts);
  }

  const copied = await submit(session, sybil, content(reviewed, 'copied', 500n), withBond);
  await review(session, copied, [
    [vera, '0.8'],
    [victor, '0.8'],
    [valerie, '0.65'],
  ]);
  await finalize(session, alice, copied, accepts);

  const thin = await submit(session, bob, content(reviewed, 'thin', 3n), withBond);
  await review(session, thin, [
    [vera, '0.5'],
    [victor, '0.4'],
    [valerie, '0.9'],
  ]);
  await finalize(session, alice, thin, 'rejected, 3 scores');

  const spam = await submit(session, sybil, content(reviewed, 'spam', 9_999n), withBond);
  await review(session, spam, [
    [vera, '0.1'],
    [victor, '0'],
    [valerie, '0.2'],
  ]);
  await finalize(session, alice, spam, 'rejected as spam, bond lost');

  await decideWhatNobodyReviewed(session, cast, reviewed);
  await takeBack(session, cast, reviewed);

  const curatedOnes = [];
  for (const [contributor, name] of [
    [alice, 'chat one'],
    [carol, 'chat two'],
  ] as const) {
    const submitted = await submit(session, contributor, content(curated, name, 25n), 'without a bond');
    await session.send(dave, 'DatanetRegistry', 'decideContribution', [submitted.id, true, reason('')], {
      when: 'accepted by the owner',
    });
    curatedOnes.push(submitted);
  }
  const chats = ['three', 'four', 'five', 'six'].map((number) => content(curated, `chat ${number}`, 25n));
  const relayed = await submitTogether(session, rita, bob, chats);
  const decisions = relayed.map(({ id }) => [id, true, reason('')]);
  await together(session, dave, 'decideContribution', decisions, `${decisions.length} decisions of the owner`);
  curatedOnes.push(...relayed);

  const versions = {
    reviewed: await publish(session, cast, reviewed, [...accepted, copied]),
    curated: await publish(session, cast, curated, curatedOnes),
  };
  return { accepted, curated: curatedOnes, copied, wallet, versions };
}

/** Accounts let Rita submit and review for them, and take that back: in person and by signature. */
async function authorizeRelayers(session: Session, cast: Cast): Promise<void> {
  const { alice, bob, carol, rita } = cast;
  const now = await session.now();
  const expiresAt = now + 30n * 86_400n;
  const deadline = now + 3_600n;
  const relayer = rita.address;
  for (const account of [bob, cast.vera, cast.victor, cast.valerie]) {
    await session.send(account, 'DatanetRegistry', 'authorizeRelayer', [relayer, expiresAt]);
  }
  await session.send(carol, 'DatanetRegistry', 'authorizeRelayer', [relayer, expiresAt]);
  await session.send(carol, 'DatanetRegistry', 'revokeRelayer', [relayer]);

  const account = alice.address;
  let nonce = await nonceOf(session, 'DatanetRegistry', account);
  const granted = { account, relayer, expiresAt, nonce, deadline };
  let signature = await sign(session, alice, 'RelayerAuthorization', granted);
  await session.send(rita, 'DatanetRegistry', 'authorizeRelayerWithSignature', [
    account,
    relayer,
    expiresAt,
    deadline,
    signature,
  ]);
  nonce += 1n;
  signature = await sign(session, alice, 'RelayerRevocation', { account, relayer, nonce, deadline });
  await session.send(rita, 'DatanetRegistry', 'revokeRelayerWithSignature', [account, relayer, deadline, signature]);
}

/** Two reviews run out without a quorum: the datanet's owner accepts one and rejects the other. */
async function decideWhatNobodyReviewed(
  session: Session,
  { alice, bob, dave }: Cast,
  datanetId: bigint,
): Promise<void> {
  const late = await submit(session, alice, content(datanetId, 'late', 20n), withBond);
  const later = await submit(session, bob, content(datanetId, 'later', 10n), withBond);
  await letReviewRunOut(session);
  await session.send(dave, 'DatanetRegistry', 'decideContribution', [late.id, true, reason('')], {
    when: 'accepted by the owner, with a bond',
  });
  await session.send(dave, 'DatanetRegistry', 'decideContribution', [later.id, false, reason('OFF_TOPIC')], {
    when: 'rejected by the owner, with a bond',
  });
}

/** Carol takes one contribution back before anyone looked at it, and one after it was accepted. */
async function takeBack(session: Session, cast: Cast, datanetId: bigint): Promise<void> {
  const { carol, vera, victor, valerie } = cast;
  const hasty = await submit(session, carol, content(datanetId, 'hasty', 7n), withBond);
  await session.send(carol, 'DatanetRegistry', 'withdrawContribution', [hasty.id, reason('MISTAKE')], {
    when: 'pending',
  });

  const regretted = await submit(session, carol, content(datanetId, 'regretted', 30n), withBond);
  await review(session, regretted, [
    [vera, '0.9'],
    [victor, '0.9'],
    [valerie, '0.9'],
  ]);
  await finalize(session, carol, regretted, accepts);
  await session.send(carol, 'DatanetRegistry', 'withdrawContribution', [regretted.id, reason('CONSENT_WITHDRAWN')], {
    when: 'accepted',
  });
}

async function publish(
  session: Session,
  { dave }: Cast,
  datanetId: bigint,
  members: readonly Submitted[],
): Promise<bigint> {
  const rows = members.reduce((sum, member) => sum + member.rows, 0n);
  const { root } = datanetTree(members.map(({ id, contentHash }) => ({ contributionId: id, contentHash })));
  const uri = `ipfs://datanet/${datanetId}/version`;
  const args = [datanetId, root, members.length, rows, uri];
  return (await session.send(dave, 'DatanetRegistry', 'publishVersion', args)).event('DatanetVersionPublished').version;
}
