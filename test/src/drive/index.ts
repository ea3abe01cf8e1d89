import type { Manifest } from '@openledger/protocol/deploy';
import { finalizeBatches, postAgain, postBatches } from './attribution.ts';
import { type DriveAccount, gatherCast } from './cast.ts';
import { openDatanets, shareThePrivateDatanet } from './datanets.ts';
import { disputeRoot, judgements, letLapse, raiseDisputes } from './disputes.ts';
import type { GasSamples } from './gas-book.ts';
import { appointAndTune, judgeAndReform, pauseEverything } from './governance.ts';
import { payForAnswers, withdrawDeposit, withdrawEarnings } from './inference.ts';
import { buildModels, retireWorkers, startWorkers } from './models.ts';
import { reviewContributions } from './reviews.ts';
import { acceptTrueRoot, claim, closeEpoch, proposeWrongRoots } from './rewards.ts';
import { Session } from './session.ts';
import { collectBonds, stake, takeRewardsAndLeave } from './staking.ts';
import { passOpenAround, wrapAndDelegate } from './tokens.ts';
import { vest } from './vesting.ts';

export type { DriveAccount } from './cast.ts';
export { type FreshProtocol, startFreshProtocol } from './fresh-protocol.ts';
export { type GasBook, type GasCall, type GasSamples, gasKey } from './gas-book.ts';
export { DriveError, vestingContract } from './session.ts';

export type DriveOptions = {
  /** JSON-RPC of a local chain (anvil): its clock is moved on by more than two months, and past every vesting cliff. */
  rpcUrl: string;
  manifest: Manifest;
  /** Hold the liquid OPEN of genesis, some ether, and the vesting wallets. */
  accounts: readonly DriveAccount[];
  /** Told of each chapter as it begins. */
  onProgress?: (message: string) => void;
};

export type Driven = {
  readonly transactions: number;
  /** Gas of each call, by `Contract.signature` and condition, in the order of first use. */
  readonly gas: ReadonlyMap<string, GasSamples>;
};

/**
 * Plays the whole protocol on a local chain, once, with real signatures: every contract emits every event it can emit.
 * While it plays, each transaction is mined at once in a block of its own; afterwards the chain mines as before.
 * On a fresh chain of a fixed start time two runs make the same blocks.
 * @throws DriveError when the accounts lack what is needed, or the chain refuses a transaction, naming the call and why.
 */
export async function driveProtocol({
  rpcUrl,
  manifest,
  accounts,
  onProgress = () => {},
}: DriveOptions): Promise<Driven> {
  const session = new Session(rpcUrl, manifest);
  await session.open();
  try {
    await play(session, accounts, onProgress);
  } catch (error) {
    // What went wrong matters more than whether the chain could be given back.
    await session.close().catch(() => {});
    throw error;
  }
  await session.close();
  return { transactions: session.transactions, gas: session.gas };
}

async function play(
  session: Session,
  accounts: readonly DriveAccount[],
  chapter: (title: string) => void,
): Promise<void> {
  chapter('the players get ether and OPEN');
  const cast = await gatherCast(session, accounts);
  chapter('OPEN changes hands, some becomes votes');
  await passOpenAround(session, cast);
  await wrapAndDelegate(session, cast);
  chapter('governance appoints officers and tunes the numbers');
  await appointAndTune(session, cast);

  chapter('datanets open, data arrives and is reviewed');
  const datanets = await openDatanets(session, cast);
  await shareThePrivateDatanet(session, cast, datanets);
  const reviewed = await reviewContributions(session, cast, datanets);
  const stakes = await stake(session, cast, datanets);

  chapter('a model is trained, served and paid for');
  const deployed = await buildModels(session, cast, datanets, reviewed);
  await startWorkers(session, cast, deployed);
  const answers = await payForAnswers(session, cast, deployed, reviewed.wallet);

  chapter('answers are attributed, some attributions disputed');
  const batches = await postBatches(session, cast, answers, reviewed);
  const disputes = await raiseDisputes(session, cast, reviewed, batches);
  await finalizeBatches(session, cast, batches.sound);
  const first = await closeEpoch(session, cast);
  const rootDispute = await disputeRoot(session, cast, await proposeWrongRoots(session, cast, first));

  chapter('governance judges the disputes and reforms itself');
  await pauseEverything(session, cast);
  await judgeAndReform(session, cast, await judgements(session, disputes, rootDispute, stakes, reviewed));

  chapter('contributors claim their rewards');
  await claim(session, cast, await acceptTrueRoot(session, cast, first), 'first claim of an account');
  await finalizeBatches(session, cast, [await postAgain(session, cast, batches, reviewed)]);
  const second = await closeEpoch(session, cast);
  const grants = await acceptTrueRoot(session, cast, second);
  const grown = grants.filter(({ account, cumulativeAmount }) => cumulativeAmount !== first.earned.get(account));
  await claim(session, cast, grown, 'later claim');

  chapter('stakes, bonds, deposits and earnings go home');
  await letLapse(session, cast, disputes);
  await withdrawDeposit(session, cast, deployed);
  await withdrawEarnings(session, cast);
  await takeRewardsAndLeave(session, cast, stakes);
  await collectBonds(session, cast);
  await retireWorkers(session, cast, deployed);

  chapter('the genesis allocation vests');
  await vest(session, cast);
}
