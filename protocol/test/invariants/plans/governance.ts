import { id, parseEther } from 'ethers';
import type { Hex, Target } from '../call.ts';
import { call, find, type Plan, type World } from '../world.ts';

/** The attribution method that governance allows in the fuzz. */
export const algorithm = id('influence-1') as Hex;

const pausable: readonly Target[] = [
  ...(['StakeManager', 'DatanetRegistry', 'ModelRegistry', 'InferenceEscrow'] as const),
  ...(['AttributionLedger', 'RewardDistributor', 'DisputeResolver'] as const),
];

/** Five parts that sum to 10,000 basis points; sometimes they do not. */
function randomSplit({ random }: World): bigint[] {
  const cuts = Array.from({ length: 4 }, () => random.below(10_001)).sort((a, b) => a - b);
  const bounds = [0, ...cuts, 10_000];
  const parts = bounds.slice(1).map((bound, index) => BigInt(bound - bounds[index]!));
  if (random.chance(0.1)) parts[0]! += 1n;
  return parts;
}

export const governancePlans: readonly Plan[] = [
  {
    name: 'allow the attribution method',
    weight: 2,
    make(w) {
      if (w.shadow.algorithms.get(algorithm) && w.random.chance(0.9)) return undefined;
      const args = [algorithm, w.random.chance(0.9), 'ipfs://method', id('method')];
      return call('AttributionLedger', 'setAlgorithm', w.stage.cast.timelock, args);
    },
  },
  {
    name: 'change the fee split',
    weight: 2,
    make: (w) => call('InferenceEscrow', 'setFeeSplit', w.stage.cast.timelock, [randomSplit(w)]),
  },
  {
    name: 'tune a parameter',
    weight: 2,
    make(w) {
      const [name, [start, , most]] = w.random.pick([...w.stage.setting.parameters]);
      const [contract, parameter] = name.split('.') as [Target, string];
      const value = w.random.chance(0.1)
        ? most + 1n
        : w.random.amount(start / 2n + 1n, start * 2n < most ? start * 2n : most);
      return call(contract, 'setParameter', w.stage.cast.timelock, [id(parameter), value]);
    },
  },
  {
    name: 'pause',
    weight: 1,
    make: (w) =>
      call(
        w.random.pick(pausable),
        'pause',
        w.random.chance(0.6) ? w.stage.cast.guardian : w.random.pick(w.stage.cast.outsiders),
        [],
      ),
  },
  {
    name: 'resume',
    weight: 30,
    make(w) {
      const paused = find(w, w.shadow.paused, (value) => value);
      if (!paused) return undefined;
      return call(paused[0], 'unpause', w.random.pick([w.stage.cast.guardian, w.stage.cast.timelock]), []);
    },
  },
  {
    name: 'wrap and unwrap votes',
    weight: 2,
    make(w) {
      const holder = find(w, w.shadow.wrapped, (amount) => amount > 0n);
      if (holder && w.random.chance(0.5)) {
        return call('GOPEN', 'withdraw', holder[0], [w.random.amount(1n, holder[1] + 1n)]);
      }
      return call('GOPEN', 'deposit', w.random.pick(w.stage.cast.everyone), [w.random.amount(1n, parseEther('50'))]);
    },
  },
  {
    name: 'send OPEN to a contract',
    weight: 2,
    make(w) {
      const to = w.random.pick(Object.values(w.stage.setting.addresses));
      return call('Open', 'transfer', w.random.pick(w.stage.cast.outsiders), [
        to,
        w.random.amount(1n, parseEther('1')),
      ]);
    },
  },
];
