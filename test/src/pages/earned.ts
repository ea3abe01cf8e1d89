import type { Hex } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { privateKeyToAccount } from 'viem/accounts';
import { finalizeBatches, postBatches } from '../drive/attribution.ts';
import { type Cast, gatherCast } from '../drive/cast.ts';
import { openDatanets, shareThePrivateDatanet } from '../drive/datanets.ts';
import { appointAndTune } from '../drive/governance.ts';
import { payForAnswers } from '../drive/inference.ts';
import { buildModels, startWorkers } from '../drive/models.ts';
import { reviewContributions } from '../drive/reviews.ts';
import { acceptTrueRoot, closeEpoch, type Grant } from '../drive/rewards.ts';
import { type Player, Session } from '../drive/session.ts';
import { stake } from '../drive/staking.ts';
import { passOpenAround, wrapAndDelegate } from '../drive/tokens.ts';
import type { Stage } from '../graphql/writing/stage.ts';

/** Who earned what on a chain, with nothing claimed yet, and whose keys are known. */
export type Earned = {
  readonly cast: Cast;
  readonly grants: readonly Grant[];
  /** A contract wallet (ERC-1271) that earned too, and its only signer. */
  readonly contract: { readonly address: Hex; readonly key: PrivateKeyAccount };
  /** Wren's address: a worker that answers for OPEN. */
  readonly worker: Hex;
};

/** Plays the protocol up to the first reward root that is accepted; the chain's clock is moved on by weeks. */
export const earn = async ({ rpcUrl, manifest, accounts, indexed }: Stage): Promise<Earned> => {
  const session = new Session(rpcUrl, manifest);
  await session.open();
  try {
    const cast = await gatherCast(session, accounts);
    await passOpenAround(session, cast);
    await wrapAndDelegate(session, cast);
    await appointAndTune(session, cast);
    const datanets = await openDatanets(session, cast);
    await shareThePrivateDatanet(session, cast, datanets);
    const reviewed = await reviewContributions(session, cast, datanets);
    await stake(session, cast, datanets);
    const deployed = await buildModels(session, cast, datanets, reviewed);
    await startWorkers(session, cast, deployed);
    const answers = await payForAnswers(session, cast, deployed, reviewed.wallet);
    const batches = await postBatches(session, cast, answers, reviewed);
    await finalizeBatches(session, cast, batches.sound);
    const grants = await acceptTrueRoot(session, cast, await closeEpoch(session, cast));
    const { address, owner } = reviewed.wallet;
    const contract = { address: address as Hex, key: keyOf(owner) };
    return { cast, grants, contract, worker: cast.wren.address as Hex };
  } finally {
    await session.close();
    await indexed();
  }
};

export const keyOf = ({ wallet }: Player): PrivateKeyAccount => privateKeyToAccount(wallet.privateKey as Hex);
