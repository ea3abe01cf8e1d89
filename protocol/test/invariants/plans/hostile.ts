import type { FunctionFragment, ParamType } from 'ethers';
import type { Call, Hex, Value } from '../call.ts';
import { modelled } from '../shadow/index.ts';
import { zeroAddress, zeroHash } from '../shadow/state.ts';
import type { Plan, World } from '../world.ts';
import { algorithm } from './governance.ts';

function fragment(w: World, { contract, fn }: Pick<Call, 'contract' | 'fn'>): FunctionFragment {
  const found = w.stage.interfaces[contract].getFunction(fn);
  if (!found) throw new Error(`${contract} has no function ${fn}.`);
  return found;
}

function randomInteger(w: World, bits: number): bigint {
  const { random, shadow } = w;
  const most = 2n ** BigInt(bits) - 1n;
  const value = random.pick([
    () => BigInt(random.below(12)),
    () => BigInt(random.below(400)),
    () => shadow.now + BigInt(random.between(-100, 1_000)),
    () => random.amount(0n, 10n ** 20n),
    () => most,
  ])();
  return value > most ? most : value;
}

/** Any value of a type, rather one that means something on this stage. */
function randomValue(w: World, type: ParamType): Value {
  const { random, shadow, stage } = w;
  if (type.baseType === 'array') {
    return Array.from({ length: random.below(3) }, () => randomValue(w, type.arrayChildren!));
  }
  if (type.baseType === 'tuple') return type.components!.map((component) => randomValue(w, component));
  if (type.type === 'address') {
    return random.pick([...stage.cast.everyone, ...Object.values(stage.setting.addresses), zeroAddress]);
  }
  if (type.type === 'bool') return random.chance(0.5);
  if (type.type === 'string') return random.pick(['', 'text']);
  if (type.type === 'bytes32') {
    const requests = [...shadow.requests.keys()];
    const known = [zeroHash, algorithm, ...w.trees.keys(), ...requests.slice(-20)];
    return random.chance(0.5) ? random.pick(known) : random.bytes32();
  }
  if (type.type === 'bytes') {
    const signatures = [...shadow.signatures.keys()].slice(-50);
    return signatures.length > 0 && random.chance(0.8) ? random.pick(signatures) : '0x';
  }
  return randomInteger(w, Number(type.type.slice(4)));
}

/** The same arguments with one leaf replaced. */
function alterOne(w: World, types: readonly ParamType[], values: readonly Value[]): Value[] {
  const at = w.random.below(values.length);
  return values.map((value, index) => (index === at ? alter(w, types[index]!, value) : value));
}

function alter(w: World, type: ParamType, value: Value): Value {
  if (Array.isArray(value) && value.length > 0) {
    const types = type.components ?? value.map(() => type.arrayChildren!);
    return alterOne(w, types, value);
  }
  if (typeof value === 'bigint' && w.random.chance(0.5)) {
    const most = 2n ** BigInt(type.type.slice(4)) - 1n;
    const next = value + (w.random.chance(0.5) ? 1n : -1n);
    if (next >= 0n && next <= most) return next;
  }
  return randomValue(w, type);
}

/** Never from those whose roles the shadow takes as given, when the call could give the role away. */
const forbidden = ({ fn, from }: Call, w: World): boolean =>
  fn.endsWith('Role') && [w.stage.cast.timelock, w.stage.cast.guardian, w.stage.cast.rootProposer].includes(from);

const allowed = (w: World, made: Call): Call | undefined => (forbidden(made, w) ? undefined : made);

export const hostilePlans: readonly Plan[] = [
  {
    name: 'call anything with anything',
    weight: 22,
    make(w) {
      const [contract, fn] = w.random.pick(modelled);
      const args = fragment(w, { contract, fn }).inputs.map((type) => randomValue(w, type));
      const from = w.random.chance(0.6) ? w.random.pick(w.stage.cast.outsiders) : w.random.pick(w.stage.cast.everyone);
      if (contract === 'Open' && !w.stage.cast.outsiders.includes(from)) return undefined;
      return { contract, fn, from, args, kind: 'blind' };
    },
  },
  {
    name: 'repeat a call that passed',
    weight: 14,
    make: (w) => (w.history.length === 0 ? undefined : allowed(w, { ...w.random.pick(w.history), kind: 'replayed' })),
  },
  {
    name: 'use a signature again',
    weight: 10,
    make(w) {
      const signed = w.history.filter(({ fn }) => fn.includes('With') || fn === 'settle');
      const kinds = [...new Set(signed.map(({ fn }) => fn))];
      if (kinds.length === 0) return undefined;
      const kind = w.random.pick(kinds);
      const latest = signed.filter(({ fn }) => fn === kind).slice(-12);
      return { ...w.random.pick(latest), kind: 'replayed' };
    },
  },
  {
    name: 'repeat somebody else’s call',
    weight: 9,
    make(w) {
      if (w.history.length === 0) return undefined;
      const from: Hex = w.random.pick([...w.stage.cast.outsiders, ...w.stage.cast.everyone]);
      return allowed(w, { ...w.random.pick(w.history), from, kind: 'replayed' });
    },
  },
  {
    name: 'repeat a call with one value changed',
    weight: 14,
    make(w) {
      const known = w.history.length === 0 ? undefined : w.random.pick(w.history);
      if (!known || known.args.length === 0 || known.contract === 'Open') return undefined;
      if (known.fn === 'setParameter') return undefined;
      const args = alterOne(w, fragment(w, known).inputs, known.args);
      return allowed(w, { ...known, args, kind: 'replayed' });
    },
  },
];
