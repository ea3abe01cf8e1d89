import { canonicalJson, parameterId } from '@openledger/protocol';
import { algorithmId, startingAlgorithm } from '@openledger/protocol/attribution';
import { type Contents, contentUri } from '@openledger/stack/texts';
import { toUtf8Bytes } from 'ethers';
import { castPlayer } from '../../drive/cast.ts';
import { execute, propose, queue, untilExecutable, untilVoted, untilVoting, voteFor } from '../../drive/proposals.ts';
import type { Player, Session } from '../../drive/session.ts';

/** Seconds of a challenge window, of an epoch, and of a root's timelock. */
export const short = 120n;

/** GOPEN holders allow the algorithm that workers attribute with, and shorten what contributors wait for. */
export const allowAttribution = async (
  session: Session,
  contents: Contents,
  voter: Player = castPlayer('greta'),
): Promise<void> => {
  const algorithm = algorithmId(startingAlgorithm);
  const content = {
    hash: algorithm,
    mediaType: 'application/json',
    body: toUtf8Bytes(canonicalJson(startingAlgorithm)),
  };
  await contents.put([content]);
  const set = (contract: 'AttributionLedger' | 'RewardDistributor', ...args: readonly [string, bigint]) => ({
    to: session.address(contract),
    data: session.encode(contract, 'setParameter', args),
  });
  const proposal = await propose(session, voter, 'Attribute answers, and pay soon', [
    {
      to: session.address('AttributionLedger'),
      data: session.encode('AttributionLedger', 'setAlgorithm', [algorithm, true, contentUri(content), algorithm]),
    },
    set('AttributionLedger', parameterId('CHALLENGE_WINDOW'), short),
    set('RewardDistributor', parameterId('EPOCH_LENGTH'), short),
    set('RewardDistributor', parameterId('ROOT_DELAY'), short),
  ]);
  await untilVoting(session, proposal);
  await voteFor(session, voter, proposal);
  await untilVoted(session, proposal);
  await queue(session, voter, proposal);
  await untilExecutable(session, proposal);
  await execute(session, voter, proposal);
};
