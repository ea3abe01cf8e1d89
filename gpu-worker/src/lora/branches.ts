import { type DataType, tensors, type ValueInfo } from '../onnx/index.ts';
import { LoraError } from './errors.ts';
import type {
  BankGraft,
  BankModule,
  BankOptions,
  ByModule,
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
  const inputs: ValueInfo[] = [{ name: slot, type: 'int64', shape: ['batch'] }];
  const branches = new Map<string, Branch>();
  const gather = (hint: string, bank: string) =>
    scribe.op(hint, 'Gather', [bank, slot], { axis: { kind: 'int', value: 0 } });
  const rowCount = scribe.op('slot.count', 'Shape', [slot]);
  const shapes = new Map<number, string>();
  /** [batch, -1, width] */
  const rowsOf = (width: number): string => {
    const known = shapes.get(width);
    if (known !== undefined) return known;
    const rest = scribe.constant(`slot.rest.${width}`, tensors.int64([2], [-1, width]));
    const axis = { axis: { kind: 'int', value: 0 } } as const;
    const shape = scribe.op(`slot.shape.${width}`, 'Concat', [rowCount, rest], axis);
    shapes.set(width, shape);
    return shape;
  };
  const modules = [...targets.values()].map(({ name, in: width, out, type, hasRows }): BankModule => {
    const rank = rankFor(options.rank, name);
    const a = scribe.fresh(`${name}.lora_A`);
    const b = scribe.fresh(`${name}.lora_B`);
    inputs.push(
      { name: a, type: 'float32', shape: ['slots', width, rank] },
      { name: b, type: 'float32', shape: ['slots', rank, out] },
    );
    const rowsA = gather(`${name}.lora_A.rows`, a);
    const rowsB = gather(`${name}.lora_B.rows`, b);
    const shape = hasRows ? undefined : rowsOf(width);
    branches.set(name, (x, y) => {
      const input = toFloat32(scribe, x, type);
      // GPT-2's exports flatten [batch, sequence] before a Gemm, and poolers have no sequence: either way rows are outermost.
      const rows = shape === undefined ? input : scribe.op(`${name}.lora.input`, 'Reshape', [input, shape]);
      const hidden = scribe.op(`${name}.lora.hidden`, 'MatMul', [rows, rowsA]);
      const delta = scribe.op(`${name}.lora`, 'MatMul', [hidden, rowsB]);
      const flat =
        shape === undefined
          ? delta
          : scribe.op(`${name}.lora.output`, 'Reshape', [delta, scribe.op(`${name}.lora.shape`, 'Shape', [y])]);
      return fromFloat32(scribe, flat, type);
    });
    return { module: name, in: width, out, rank, a, b, rowsA, rowsB };
  });
  return { kind: 'bank', modules, slot, inputs, branches };
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
