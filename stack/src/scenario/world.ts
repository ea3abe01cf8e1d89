import type { Occurrence } from './contracts.ts';
import { folds } from './folds.ts';

export type Contribution = {
  readonly id: bigint;
  readonly datanetId: bigint;
  readonly contributor: string;
  /** Who sent it, and owns its bond: the contributor, or its relayer. */
  readonly relayer: string;
  readonly contentHash: string;
  readonly rows: bigint;
  readonly quorum: number;
  readonly submittedBlock: number;
  readonly submittedAt: number;
  readonly reviewWindow: number;
  status: 'pending' | 'accepted' | 'rejected' | 'revoked';
  /** Its bond's stake id; undefined without a bond. */
  bondId: bigint | undefined;
  commits: Set<string>;
  reveals: Set<string>;
  /** Unix seconds when revealing began; undefined while committing. */
  revealFrom: number | undefined;
  acceptedBlock: number | undefined;
  decidedAt: number | undefined;
  revokedBlock: number | undefined;
};

export type Datanet = {
  readonly id: bigint;
  readonly name: string;
  owner: string;
  status: number;
  quorum: number;
  reviewWindow: number;
  validators: Set<string>;
  versions: number;
  publishedAt: number | undefined;
  /** Accepted or revoked contributions since the last version. */
  changes: number;
};

export type Stake = {
  readonly id: bigint;
  readonly account: string;
  amount: bigint;
  /** Asked back, and when it may leave. */
  pending: bigint;
  availableAt: number;
};

export type Dispute = {
  readonly id: bigint;
  readonly initiator: string;
  readonly contributionId: bigint;
  readonly raisedAt: number;
  readonly deadline: number;
  open: boolean;
  counteredBy: Set<string>;
};

export type Proposal = {
  readonly id: bigint;
  readonly proposer: string;
  readonly description: string;
  readonly targets: readonly string[];
  readonly values: readonly bigint[];
  readonly calldatas: readonly string[];
  readonly voteStart: number;
  readonly voteEnd: number;
  readonly voters: Set<string>;
  /** Wei of GOPEN against, for and abstaining. */
  readonly tally: [bigint, bigint, bigint];
  /** When it may be executed; undefined until queued. */
  eta: number | undefined;
  ended: 'executed' | 'canceled' | undefined;
};

/** What has happened on chain so far, as the personas know it: a fold over the protocol's events and nothing else. */
export type World = {
  readonly datanets: Map<bigint, Datanet>;
  readonly contributions: Map<bigint, Contribution>;
  readonly stakes: Map<bigint, Stake>;
  readonly disputes: Map<bigint, Dispute>;
  readonly proposals: Map<bigint, Proposal>;
  /** Wei of OPEN of each account. */
  readonly balances: Map<string, bigint>;
  /** Wei of OPEN that model owners and operators have not taken out of the escrow, by account. */
  readonly earnings: Map<string, bigint>;
  /** Wei of GOPEN in existence, after each change. */
  readonly wrapped: { time: number; supply: bigint }[];
  /** Contribution ids by `datanetId/contentHash`. */
  readonly submitted: Map<string, bigint>;
  readonly history: Map<string, Occurrence[]>;
  apply(occurrence: Occurrence): void;
  /** Whether an event of that kind with those arguments has happened. Addresses in lower case. */
  happened(kind: string, args?: Readonly<Record<string, string | bigint>>): boolean;
  /** The latest event of that kind with those arguments. */
  latest(kind: string, args?: Readonly<Record<string, string | bigint>>): Occurrence | undefined;
};

export function createWorld(): World {
  const history = new Map<string, Occurrence[]>();
  const world: World = {
    datanets: new Map(),
    contributions: new Map(),
    stakes: new Map(),
    disputes: new Map(),
    proposals: new Map(),
    balances: new Map(),
    earnings: new Map(),
    wrapped: [],
    submitted: new Map(),
    history,
    apply(occurrence) {
      const kind = `${occurrence.contract}.${occurrence.event}`;
      const before = history.get(kind);
      if (before === undefined) history.set(kind, [occurrence]);
      else before.push(occurrence);
      folds[kind]?.(world, occurrence);
    },
    happened: (kind, args = {}) => world.latest(kind, args) !== undefined,
    latest: (kind, args = {}) =>
      history
        .get(kind)
        ?.findLast((each) => Object.entries(args).every(([name, value]) => same(each.args[name], value))),
  };
  return world;
}

function same(actual: unknown, wanted: string | bigint): boolean {
  return typeof wanted === 'bigint' ? actual === wanted : String(actual).toLowerCase() === wanted.toLowerCase();
}
