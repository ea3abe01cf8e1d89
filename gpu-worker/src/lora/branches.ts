import { type DataType, tensors, type ValueInfo } from '../onnx/index.ts';
import { LoraError } from './errors.ts';
import type {
  BankGraft,
  BankModule,
  BankOptions,
  ByModule,
  RowsGraft,
  RowsOptions,
  SharedGraft,
  SharedModule,
  SharedOptions,
} from './graft.ts';
import type { ModuleSites } from './modules.ts';
import type { Scribe } from './scribe.ts';

/** From a node's input x and its own output y to what is to be added to y. */
export type Branch = (x: string, y: string) => string;

type Plan<Result> = Result & {
  readonly inputs: readonly ValueInfo[];
  /** By module. */
  readonly branches: ReadonlyMap<string, Branch>;
};

type Targets = ReadonlyMap<string, ModuleSites>;

/** One A and one B for each module, fed. */
export const planShared = (
  scribe: Scribe,
  targets: Targets,
  options: SharedOptions,
): Plan<Omit<SharedGraft, 'model'>> => {
  const inputs: ValueInfo[] = [];
  const branches = new Map<string, Branch>();
  const modules = [...targets.values()].map(({ name, in: width, out, type }): SharedModule => {
    const rank = rankFor(options.rank, name);
    const scale = numberFor(options.scale, name);
    const a = scribe.fresh(`${name}.lora_A`);
    const b = scribe.fresh(`${name}.lora_B`);
    inputs.push({ name: a, type: 'float32', shape: [width, rank] }, { name: b, type: 'float32', shape: [rank, out] });
    branches.set(name, (x) => {
      const hidden = scribe.op(`${name}.lora.hidden`, 'MatMul', [toFloat32(scribe, x, type), a]);
      // The scale meets the [rank] hidden values, of which there are fewer than outputs.
      const scaled =
        scale === 1
          ? hidden
          : scribe.op(`${name}.lora.scaled`, 'Mul', [hidden, scribe.constant('lora.scale', tensors.scalar(scale))]);
      return fromFloat32(scribe, scribe.op(`${name}.lora`, 'MatMul', [scaled, b]), type);
    });
    return { module: name, in: width, out, rank, scale, a, b };
  });
  return { kind: 'shared', modules, inputs, branches };
};

/** Banks of all slots, fed; each row's A and B are gathered once. */
export const planBank = (scribe: Scribe, targets: Targets, options: BankOptions): Plan<Omit<BankGraft, 'model'>> => {
  const slot = scribe.fresh('slot');
  const gather = (hint: string, bank: string) =>
    scribe.op(hint, 'Gather', [bank, slot], { axis: { kind: 'int', value: 0 } });
  const { modules, inputs, branches } = planOwn(scribe, targets, options.rank, {
    rows: 'slots',
    batch: slot,
    own: (hint, bank) => gather(`${hint}.rows`, bank),
  });
  const slots: ValueInfo = { name: slot, type: 'int64', shape: ['batch'] };
  return { kind: 'bank', modules, slot, inputs: [slots, ...inputs], branches };
};

/** Each row's A and B are fed as they are used. */
export const planRows = (scribe: Scribe, targets: Targets, options: RowsOptions): Plan<Omit<RowsGraft, 'model'>> => ({
  kind: 'rows',
  ...planOwn(scribe, targets, options.rank, { rows: 'batch', own: (_, array) => array }),
});

type Own = {
  /** Name of the first dimension of what is fed. */
  readonly rows: string;
  /** A list as long as the batch; without it, what is fed has the batch's length. */
  readonly batch?: string;
  /** From what is fed to what the rows of the batch use. */
  readonly own: (hint: string, fed: string) => string;
};

/** Every row of the batch has an A and a B of its own. */
const planOwn = (scribe: Scribe, targets: Targets, ranks: ByModule, { rows, batch, own }: Own) => {
  const inputs: ValueInfo[] = [];
  const branches = new Map<string, Branch>();
  const shapes = new Map<number, string>();
  let counted: string | undefined;
  /** [batch, -1, width] */
  const rowsOf = (width: number, a: string): string => {
    const known = shapes.get(width);
    if (known !== undefined) return known;
    counted ??= batch === undefined ? firstOf(scribe, a) : scribe.op('slot.count', 'Shape', [batch]);
    const rest = scribe.constant(`slot.rest.${width}`, tensors.int64([2], [-1, width]));
    const shape = scribe.op(`slot.shape.${width}`, 'Concat', [counted, rest], { axis: { kind: 'int', value: 0 } });
    shapes.set(width, shape);
    return shape;
  };
  const modules = [...targets.values()].map(({ name, in: width, out, type, hasRows }): BankModule => {
    const rank = rankFor(ranks, name);
    const a = scribe.fresh(`${name}.lora_A`);
    const b = scribe.fresh(`${name}.lora_B`);
    inputs.push(
      { name: a, type: 'float32', shape: [rows, width, rank] },
      { name: b, type: 'float32', shape: [rows, rank, out] },
    );
    const rowsA = own(`${name}.lora_A`, a);
    const rowsB = own(`${name}.lora_B`, b);
    const shape = hasRows ? undefined : rowsOf(width, a);
    branches.set(name, (x, y) => {
      const input = toFloat32(scribe, x, type);
      // GPT-2's exports flatten [batch, sequence] before a Gemm, and poolers have no sequence: either way rows are outermost.
      const rowsOfInput = shape === undefined ? input : scribe.op(`${name}.lora.input`, 'Reshape', [input, shape]);
      const hidden = scribe.op(`${name}.lora.hidden`, 'MatMul', [rowsOfInput, rowsA]);
      const delta = scribe.op(`${name}.lora`, 'MatMul', [hidden, rowsB]);
      const flat =
        shape === undefined
          ? delta
          : scribe.op(`${name}.lora.output`, 'Reshape', [delta, scribe.op(`${name}.lora.shape`, 'Shape', [y])]);
      return fromFloat32(scribe, flat, type);
    });
    return { module: name, in: width, out, rank, a, b, rowsA, rowsB };
  });
  return { modules, inputs, branches };
};

/** The first dimension of a value, as a list. */
const firstOf = (scribe: Scribe, value: string): string => {
  const end = (at: number) => scribe.constant(`rows.end.${at}`, tensors.int64([1], [at]));
  return scribe.op('rows.count', 'Slice', [scribe.op('rows.shape', 'Shape', [value]), end(0), end(1)]);
};

const numberFor = (value: ByModule, module: string): number => (typeof value === 'number' ? value : value(module));

const rankFor = (value: ByModule, module: string): number => {
  const rank = numberFor(value, module);
  if (Number.isSafeInteger(rank) && rank >= 1) return rank;
  throw new LoraError(`Rank ${rank} was asked for ${module}; a rank is a whole number from 1`);
};

// Adapters are float32 whatever the base is.

const toFloat32 = (scribe: Scribe, value: string, type: DataType): string =>
  type === 'float32' ? value : scribe.op(`${value}.float32`, 'Cast', [value], { to: { kind: 'int', value: 1 } });

const fromFloat32 = (scribe: Scribe, value: string, type: DataType): string =>
  type === 'float32' ? value : scribe.op(`${value}.float16`, 'Cast', [value], { to: { kind: 'int', value: 10 } });
