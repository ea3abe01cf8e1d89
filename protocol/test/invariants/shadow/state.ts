import type { Call, Hex, Move, Outcome, Target, Value } from '../call.ts';
import { type Invariant, Violation } from '../violation.ts';
import type {
  BatchRecord,
  ContributionRecord,
  DatanetRecord,
  DisputeRecord,
  Earning,
  EpochRecord,
  ModelRecord,
  PayerRecord,
  RequestRecord,
  StakeRecord,
} from './records.ts';

/** A rule forbids the call. `invariant` is the one that would break if the contracts let it pass. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly invariant: Invariant;
  constructor(invariant: Invariant, reason: string) {
    super(reason);
    this.invariant = invariant;
  }
}

/** Accounts, contract addresses and start values that a shadow begins with. */
export type Setting = {
  readonly chainId: bigint;
  readonly addresses: Readonly<Record<Target, Hex>>;
  readonly timelock: Hex;
  readonly guardian: Hex;
  readonly rootProposer: Hex;
  readonly evaluator: Hex;
  readonly wallets: ReadonlyMap<Hex, { readonly mode: WalletMode; readonly owner: Hex }>;
  readonly balances: ReadonlyMap<Hex, bigint>;
  /** Who has approved whom for any amount: `owner spender`. */
  readonly approvals: ReadonlySet<string>;
  readonly parameters: ReadonlyMap<string, readonly [value: bigint, least: bigint, most: bigint]>;
  readonly feeSplit: readonly bigint[];
  readonly startedAt: bigint;
};
export type WalletMode = 'owner' | 'always' | 'never' | 'reverting' | 'reentrant';

export const maxUint256 = 2n ** 256n - 1n;
export const one = 10n ** 18n;
export const zeroAddress: Hex = `0x${'0'.repeat(40)}`;
export const zeroHash: Hex = `0x${'0'.repeat(64)}`;

/** What the protocol's state must be, worked out from the calls alone. Every change goes through `put`, `patch`, `move`. */
export type Shadow = ReturnType<typeof createShadow>;

export function createShadow(setting: Setting) {
  return {
    setting,
    now: setting.startedAt,
    undo: [] as (() => void)[],
    moves: [] as Move[],
    /** The invariant that breaks if the call under way fails although the rules allow it. */
    promise: 0 as Invariant,
    /** What the chain did with the call under way: some amounts are only bounded by the rules. */
    observed: undefined as Outcome | undefined,
    /** Signatures that were really made: who signed which digest. */
    signatures: new Map<string, { readonly signer: Hex; readonly digest: string }>(),

    balances: new Map(setting.balances),
    allowances: new Map([...setting.approvals].map((pair) => [pair, maxUint256])),
    wrapped: new Map<Hex, bigint>(),
    donated: new Map<Hex, bigint>(),
    paused: new Map<Target, boolean>(),
    parameters: new Map([...setting.parameters].map(([name, [value]]) => [name, value])),
    nonces: new Map<string, bigint>(),

    stakes: new Map<bigint, StakeRecord>(),
    earnings: new Map<Hex, Earning>(),
    stakePool: { total: 0n, earning: 0n, index: 0n, notices: 0n, received: 0n, paid: 0n },
    frozenAccounts: new Map<Hex, bigint>(),
    frozenStakes: new Map<bigint, bigint>(),
    penalties: new Map<string, bigint>(),

    datanets: new Map<bigint, DatanetRecord>(),
    contributions: new Map<bigint, ContributionRecord>(),
    contents: new Map<string, bigint>(),
    commitments: new Map<string, Hex | 'revealed'>(),
    validators: new Map<string, boolean>(),
    relayers: new Map<string, bigint>(),
    access: new Map<string, bigint>(),
    dataRoots: new Map<string, Hex>(),

    models: new Map<bigint, ModelRecord>(),
    trainedOn: new Set<string>(),
    operators: new Map<Hex, Hex>(),
    willing: new Map<string, boolean>(),
    deployed: new Map<string, boolean>(),

    feeSplit: { bps: setting.feeSplit },
    payers: new Map<Hex, PayerRecord>(),
    credits: new Map<Hex, bigint>(),
    escrow: { deposits: 0n, credits: 0n, held: 0n },
    settledAmounts: new Map<string, bigint>(),
    requests: new Map<Hex, RequestRecord>(),

    algorithms: new Map<Hex, boolean>(),
    batches: new Map<bigint, BatchRecord>(),

    rewards: {
      lastEnd: setting.startedAt,
      funded: 0n,
      claimedTotal: 0n,
      acceptedEpoch: 0n,
      acceptedRoot: zeroHash,
      pendingEpoch: 0n,
    },
    epochs: new Map<bigint, EpochRecord>(),
    proposals: new Map<bigint, { readonly root: Hex; readonly validAt: bigint }>(),
    challengedRoots: new Map<Hex, boolean>(),
    earned: new Map<Hex, bigint>(),
    claimed: new Map<Hex, bigint>(),

    disputes: new Map<bigint, DisputeRecord>(),
    /** How many disputes are open, by target: `type id`. */
    openDisputes: new Map<string, bigint>(),
    /** Who has an open dispute about what: `type id account`. */
    disputing: new Map<string, boolean>(),
    /** Contributions that have cost their contributor a penalty. */
    penalized: new Set<bigint>(),
  };
}

export function refuse(invariant: Invariant, reason: string): never {
  throw new Refused(invariant, reason);
}

export function put<K, V>(s: Shadow, map: Map<K, V>, key: K, value: V): void {
  const before = map.get(key);
  const had = map.has(key);
  s.undo.push(() => (had ? map.set(key, before as V) : map.delete(key)));
  map.set(key, value);
}

export function include<T>(s: Shadow, set: Set<T>, item: T): void {
  if (set.has(item)) return;
  s.undo.push(() => set.delete(item));
  set.add(item);
}

export function patch<T extends object>(s: Shadow, target: T, change: Partial<T>): void {
  const before: Partial<T> = {};
  for (const field of Object.keys(change) as (keyof T)[]) before[field] = target[field];
  s.undo.push(() => Object.assign(target, before));
  Object.assign(target, change);
}

export function increase<K>(s: Shadow, map: Map<K, bigint>, key: K, by: bigint): void {
  put(s, map, key, (map.get(key) ?? 0n) + by);
}

/** OPEN moves between accounts; refused when the sender has too little. */
export function move(s: Shadow, from: Hex, to: Hex, amount: bigint): void {
  const balance = s.balances.get(from) ?? 0n;
  if (balance < amount) refuse(2, `${from} holds ${balance} wei of OPEN, ${amount} are to leave`);
  increase(s, s.balances, from, -amount);
  increase(s, s.balances, to, amount);
  s.moves.push({ from, to, amount });
}

/** OPEN moves out of `owner` by its approval for `spender`. */
export function spend(s: Shadow, owner: Hex, spender: Hex, to: Hex, amount: bigint): void {
  const key = `${owner} ${spender}`;
  const allowance = s.allowances.get(key) ?? 0n;
  if (allowance < amount) refuse(0, `${owner} approved only ${allowance} wei of OPEN`);
  if (allowance !== maxUint256) put(s, s.allowances, key, allowance - amount);
  move(s, owner, to, amount);
}

export function parameter(s: Shadow, contract: Target, name: string): bigint {
  const value = s.parameters.get(`${contract}.${name}`);
  if (value === undefined) throw new Error(`The shadow knows no parameter ${contract}.${name}.`);
  return value;
}

export function notPaused(s: Shadow, contract: Target): void {
  if (s.paused.get(contract)) refuse(0, `${contract} is paused`);
}

/** Takes back everything the call under way changed. */
export function rollBack(s: Shadow): void {
  for (const undo of s.undo.reverse()) undo();
  s.undo = [];
  s.moves = [];
}

export type Handler = (s: Shadow, from: Hex, args: readonly Value[], call: Call) => void;
export type Handlers = Readonly<Record<string, Handler>>;

/** Fails the run when the shadow itself finds a contradiction. */
export function violate(invariant: Invariant, message: string): never {
  throw new Violation(invariant, message);
}
