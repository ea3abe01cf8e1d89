import type { SimpleMerkleTree } from '@openzeppelin/merkle-tree';
import type { Call, Hex, Target, Value } from './call.ts';
import type { Random } from './random.ts';
import type { Shadow } from './shadow/state.ts';
import type { Stage } from './stage.ts';
import { type Domain, digestOf, type Message, messages } from './typed-data.ts';

/** A reward root that was proposed, its tree, and the leaves somebody may try to claim with it. */
export type RewardTree = {
  readonly tree: SimpleMerkleTree;
  readonly leaves: readonly { readonly account: Hex; readonly cumulativeAmount: bigint; readonly leaf: Hex }[];
};

/** A score somebody committed to and has not shown yet. */
export type Secret = {
  readonly contributionId: bigint;
  readonly validator: Hex;
  readonly score: bigint;
  readonly evidenceHash: Hex;
  readonly salt: Hex;
};

/** All that the plans look at: the stage, the shadow's state, and what the players remember. */
export type World = {
  readonly stage: Stage;
  readonly shadow: Shadow;
  readonly random: Random;
  readonly secrets: Secret[];
  readonly trees: Map<Hex, RewardTree>;
  /** Calls that passed, latest last. */
  readonly history: Call[];
};

export type Plan = {
  readonly name: string;
  readonly weight: number;
  /** The call to make now, or undefined when there is no occasion. */
  readonly make: (world: World) => Call | undefined;
};

export function call(contract: Target, fn: string, from: Hex, args: readonly Value[], hostile = false): Call {
  return { contract, fn, from, args, kind: hostile ? 'hostile' : 'planned' };
}

/** A ready-made world for one deployment. */
export function createWorld(stage: Stage, shadow: Shadow, random: Random): World {
  return { stage, shadow, random, secrets: [], trees: new Map(), history: [] };
}

/** Another deployment's address and another chain's id: what a replay would come from. */
export const elsewhere = { contract: `0x${'e1'.repeat(20)}` as Hex, chainId: 1n };

export type Flaw = 'other chain' | 'other contract' | 'no chain' | 'no contract' | 'other signer' | 'damaged';
const flaws: readonly Flaw[] = ['other chain', 'other contract', 'no chain', 'no contract', 'other signer', 'damaged'];

/** A flaw now and then. */
export function maybeFlaw(random: Random, probability = 0.12): Flaw | undefined {
  return random.chance(probability) ? random.pick(flaws) : undefined;
}

/** The signature of `account` (a wallet's owner signs for it) over a message, with a flaw where one is asked for. */
export function sign(w: World, account: Hex, message: Message, values: readonly Value[], flaw?: Flaw): string {
  const { keys, setting } = w.stage;
  const verifyingContract = setting.addresses[messages[message].contract];
  const domains: Readonly<Record<Flaw, Domain>> = {
    'other chain': { chainId: elsewhere.chainId, verifyingContract },
    'other contract': { chainId: setting.chainId, verifyingContract: elsewhere.contract },
    'no chain': { verifyingContract },
    'no contract': { chainId: setting.chainId },
    'other signer': { chainId: setting.chainId, verifyingContract },
    damaged: { chainId: setting.chainId, verifyingContract },
  };
  const owner = setting.wallets.get(account)?.owner ?? account;
  const signer = flaw === 'other signer' ? w.random.pick([...keys.keys()]) : owner;
  const key = keys.get(signer);
  if (!key) throw new Error(`${signer} has no key.`);
  const digest = digestOf(message, values, domains[flaw ?? 'damaged']);
  const signature = key.sign(digest).serialized;
  w.shadow.signatures.set(signature, { signer, digest });
  if (flaw !== 'damaged') return signature;
  const at = 2 + w.random.below(64);
  return `${signature.slice(0, at)}${signature[at] === '0' ? '1' : '0'}${signature.slice(at + 1)}`;
}

/** Signs with the nonce that the account has in the contract now. */
export function nonceOf(w: World, contract: Target, account: Hex): bigint {
  return w.shadow.nonces.get(`${contract} ${account}`) ?? 0n;
}

/** A deadline that is mostly ahead. */
export function deadline(w: World): bigint {
  return w.random.chance(0.05) ? w.shadow.now - 1n : w.shadow.now + BigInt(w.random.between(1, 2_000));
}

/** One of the entries that satisfy `wanted`, or undefined. */
export function find<K, V>(
  w: World,
  map: ReadonlyMap<K, V>,
  wanted: (value: V, key: K) => boolean,
): [K, V] | undefined {
  const found: [K, V][] = [];
  for (const [key, value] of map) if (wanted(value, key)) found.push([key, value]);
  return found.length === 0 ? undefined : w.random.pick(found);
}

/** An entry that satisfies `wanted`, or now and then any entry at all. */
export function findOrAny<K, V>(w: World, map: ReadonlyMap<K, V>, wanted: (value: V, key: K) => boolean, any = 0.1) {
  return find(w, map, w.random.chance(any) ? () => true : wanted);
}
