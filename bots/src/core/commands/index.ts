import type { Command } from '../command.ts';
import { alerts } from './alerts.ts';
import { ask } from './ask.ts';
import { claim } from './claim.ts';
import { consent } from './consent.ts';
import { contribute } from './contribute.ts';
import { contributions } from './contributions.ts';
import { datanets } from './datanets.ts';
import { exportMine } from './export.ts';
import { forget } from './forget.ts';
import { helpOf } from './help.ts';
import { leaderboard } from './leaderboard.ts';
import { link } from './link.ts';
import { metrics } from './metrics.ts';
import { model } from './model.ts';
import { privacy } from './privacy.ts';
import { review } from './review.ts';
import { rewards } from './rewards.ts';
import { unlink } from './unlink.ts';
import { votes } from './votes.ts';
import { why } from './why.ts';

/** Everything that can be asked for, in the order in which people come to need it. */
export const commands: readonly Command[] = [
  helpOf(() => commands),
  datanets,
  link,
  consent,
  contribute,
  contributions,
  model,
  ask,
  why,
  rewards,
  claim,
  leaderboard,
  metrics,
  review,
  votes,
  alerts,
  privacy,
  exportMine,
  forget,
  unlink,
];
