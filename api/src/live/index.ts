import type { Connection } from '@openledger/db';
import type { ApiDatabase } from '../context.ts';
import { createFeed, type Feed, type FeedOptions } from './feed.ts';
import { createPlaces, type Places } from './places.ts';
import {
  type ContributionState,
  type RewardsState,
  readContributions,
  readRewards,
  readSubmissions,
} from './states.ts';
import { createWatch, type Watch } from './watch.ts';

export { useLive } from './sse.ts';

/** What happens now, for all who follow it: looked at once for the whole process, and only while somebody does. */
export type Live = {
  readonly feed: Feed;
  readonly rewards: Watch<RewardsState>;
  readonly contributions: Watch<ContributionState>;
  /** By the id of the submission. */
  readonly submissions: Watch<ContributionState>;
  readonly places: Places;
  /** Ends every stream, telling each how to go on. */
  readonly stop: () => Promise<void>;
};

type Options = FeedOptions & { readonly db: ApiDatabase; readonly app: Connection; readonly chainId: bigint };

export function createLive(options: Options): Live {
  const { db, app, chainId, log } = options;
  const feed = createFeed(options);
  const sources = { feed, db, app, chainId };
  return {
    feed,
    rewards: createWatch({ feed, log, read: (accounts) => readRewards(sources, accounts) }),
    contributions: createWatch({ feed, log, read: (ids) => readContributions(sources, ids) }),
    submissions: createWatch({ feed, log, read: (ids) => readSubmissions(sources, ids) }),
    places: createPlaces(),
    stop: feed.stop,
  };
}
