import type { Adapter, AdapterModule } from './adapter.ts';
import { transposeInto } from './bank.ts';
import type { AdapterConfig } from './config.ts';
import { LoraError } from './errors.ts';
import { toFloat32 } from './floats.ts';
import type { SharedGraft, SharedModule } from './graft.ts';
import { resolveModule } from './names.ts';
import { createRandom } from './random.ts';
import type { SafeTensor } from './safetensors.ts';
import { createTargeting } from './targets.ts';

/** What a shared graft is fed and a trainer changes, by input name: A [in, rank] and B [rank, out]. */
export type TrainingArrays = ReadonlyMap<string, TrainingArray>;
export type TrainingArray = { readonly dims: readonly [number, number]; readonly values: Float32Array };

/** Which modules of a graph a config adapts, with the options of a graft for training them. */
export const sharedOptions = (config: AdapterConfig, modules: readonly { readonly name: string }[]) => {
  const targeting = createTargeting(config);
  const targets = new Map(
    modules.flatMap(({ name }) => {
      const target = targeting(name);
      return target === undefined ? [] : [[name, target] as const];
    }),
  );
  if (targets.size === 0) {
    throw new LoraError(`No module of the graph is one of target_modules, ${JSON.stringify(config.targetModules)}`);
  }
  return {
    kind: 'shared',
    targets: [...targets.keys()],
    rank: (module: string) => targets.get(module)!.rank,
    scale: (module: string) => targets.get(module)!.scale,
  } as const;
};

/**
 * First values as peft has them: A uniform in ±1/√in (Kaiming's with a = √5), B zeros. Each module's values depend on the
 * seed and its name alone, not on which other modules there are.
 */
export const initialArrays = ({ modules }: Pick<SharedGraft, 'modules'>, seed: number): TrainingArrays =>
  new Map(
    modules.flatMap((module) => {
      const random = createRandom(`${seed} ${module.module}`);
      const bound = 1 / Math.sqrt(module.in);
      const a = Float32Array.from({ length: module.in * module.rank }, () => (random() * 2 - 1) * bound);
      return entries(module, a, new Float32Array(module.rank * module.out));
    }),
  );

/** The values of an adapter, to train it on. @throws LoraError when it does not fit the graft. */
export const arraysOf = ({ modules }: Pick<SharedGraft, 'modules'>, adapter: Adapter): TrainingArrays => {
  const known = new Set(modules.map(({ module }) => module));
  const own = new Map([...adapter.modules].map(([name, module]) => [resolveModule(name, known) ?? name, module]));
  if (own.size !== modules.length) {
    throw new LoraError(`The adapter adapts ${own.size} modules; the graph was grafted for ${modules.length}`);
  }
  return new Map(modules.flatMap((module) => moduleArrays(module, own.get(module.module))));
};

const entries = (module: SharedModule, a: Float32Array, b: Float32Array): [string, TrainingArray][] => [
  [module.a, { dims: [module.in, module.rank], values: a }],
  [module.b, { dims: [module.rank, module.out], values: b }],
];

const moduleArrays = (module: SharedModule, from: AdapterModule | undefined): [string, TrainingArray][] => {
  const { in: inputs, out, rank, scale } = module;
  if (from === undefined) throw new LoraError(`The adapter has nothing for ${module.module}`);
  if (from.in !== inputs || from.out !== out || from.rank !== rank || from.scale !== scale) {
    const [its, ours] = [from, module].map(
      (sizes) => `[${sizes.in}, ${sizes.out}], rank ${sizes.rank}, scale ${sizes.scale}`,
    );
    throw new LoraError(`The adapter's ${module.module} is ${its}; the graph was grafted for ${ours}`);
  }
  const a = new Float32Array(inputs * rank);
  const b = new Float32Array(rank * out);
  transposeInto(a, toFloat32(from.a.dtype, from.a.data), rank, inputs, rank, 1);
  transposeInto(b, toFloat32(from.b.dtype, from.b.data), out, rank, out, 1);
  return entries(module, a, b);
};

/**
 * The adapter that was trained, as peft stores it: the very floats, transposed. The scale was in the graph, and is in the
 * config here.
 *
 * @throws LoraError when the config does not give the ranks and scales that the graft has, or an array is missing.
 */
export const toPeft = (
  { modules }: Pick<SharedGraft, 'modules'>,
  arrays: ReadonlyMap<string, Pick<TrainingArray, 'values'>>,
  config: AdapterConfig,
): Adapter => {
  const targeting = createTargeting(config);
  return {
    config,
    metadata: new Map([['format', 'pt']]),
    modules: new Map(
      modules.map((module): [string, AdapterModule] => {
        const { rank, scale, in: inputs, out } = module;
        const target = targeting(module.module);
        if (target?.rank !== rank || target.scale !== scale) {
          throw new LoraError(
            `${module.module} was trained with rank ${rank} and scale ${scale}; by the config it is ${
              target === undefined ? 'not adapted' : `${target.rank} and ${target.scale}`
            }`,
          );
        }
        const a = transposed(arrays, module.a, inputs, rank);
        const b = transposed(arrays, module.b, rank, out);
        return [module.module, { a, b, rank, scale, in: inputs, out }];
      }),
    ),
  };
};

const transposed = (
  arrays: ReadonlyMap<string, Pick<TrainingArray, 'values'>>,
  name: string,
  rows: number,
  columns: number,
): SafeTensor => {
  const from = arrays.get(name)?.values;
  if (from?.length !== rows * columns) {
    throw new LoraError(`${name} has ${from?.length ?? 'no'} values; expected [${rows}, ${columns}]`);
  }
  const into = new Float32Array(from.length);
  transposeInto(into, from, rows, columns, rows, 1);
  return { dtype: 'F32', dims: [columns, rows], data: new Uint8Array(into.buffer) };
};
