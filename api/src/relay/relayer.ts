import type { Database } from '@openledger/db';
import type { Hex } from '@openledger/db/chain';
import type { Logger } from 'pino';
import type { LocalAccount } from 'viem';
import type { RelayerConfig } from './config.ts';
import type { Node } from './node.ts';

/**
 * Places in the work at which a process may end and nothing be lost: each is passed before the next begins.
 * `storing` lies inside the transaction that stores what is about to be sent, before it is committed.
 */
export const steps = [
  'taken',
  'simulated',
  'signed',
  'storing',
  'stored',
  'broadcast',
  'mining',
  'mined',
  'finalising',
  'final',
  'bumping',
  'bump-stored',
  'bumped',
] as const;
export type Step = (typeof steps)[number];

/** What keeps actions waiting, for the operator to read: where, and what to do about it. */
export type Trouble = 'round' | 'node' | 'chain' | 'lock' | 'funds' | 'fees' | 'stuck' | 'bond' | 'pause';

/** What each part of the relayer works with. */
export type Relayer = {
  readonly config: RelayerConfig;
  readonly log: Logger;
  readonly db: Database;
  readonly node: Node;
  readonly account: LocalAccount;
  /** Lower-case. */
  readonly address: Hex;
  readonly chainId: bigint;
  /** Of block 0; rows of other chains are left alone. */
  readonly genesisHash: Hex;
  /** Of the signer's advisory lock. */
  readonly lockKey: string;
  /** The DatanetRegistry's address. */
  readonly registry: Hex;
  /** What keeps rows waiting, by kind; empty when all is well. */
  readonly troubles: Map<Trouble, string>;
  readonly memory: Memory;
  readonly metrics: { readonly feeBumps: () => void; readonly broadcasts: () => void };
  /** Called at each step; for tests that end the process there. */
  readonly step: (step: Step) => void;
};

/** What this process remembers, and a new one finds out again. */
export type Memory = {
  /** When each transaction was last sent by this process, `performance.now()`. */
  readonly sentAt: Map<string, number>;
  /** Block that was newest when a transaction's nonce was first seen used by something else. */
  readonly passedAt: Map<string, bigint>;
  /** Block that was newest when an attempt was first looked at, by hash. */
  readonly seenAt: Map<Hex, bigint>;
  /** Rows not to be tried before a moment (`performance.now()`) or before every nonce below one is mined. */
  readonly held: Map<string, { readonly until: number; readonly nonce: bigint }>;
  /** Nonces below this one stand in a block. */
  minedBelow: bigint;
  /** Wei, when it was last read. */
  balance: bigint | null;
};

export const emptyMemory = (): Memory => ({
  sentAt: new Map(),
  passedAt: new Map(),
  seenAt: new Map(),
  held: new Map(),
  minedBelow: 0n,
  balance: null,
});
