import type { Reader, Value } from '../onnx/index.ts';
import type { Emitter } from './emitter.ts';
import type { Gradient } from './gradient.ts';

/** What a rule sees of the node whose output has a gradient, and of that gradient. */
export type Context = {
  readonly g: Emitter;
  readonly node: Reader;
  /** Names of the inputs. */
  readonly x: readonly Value[];
  /** Name of the first output. */
  readonly y: Value;
  /** Gradient of the first output, with its shape. Made when it is first asked for. */
  readonly dy: Value;
  /** Gradient of the first output in any shape that broadcasts to it: cheaper where it is multiplied anyway. */
  readonly spread: Value;
  /** Whether `spread` is smaller than the output. */
  readonly isSpread: boolean;
  /** The shares of the gradient of an output, as the nodes that use it gave them; none for an unused one. */
  readonly shares: (output: number) => readonly Gradient[];
  /** Gradient of an output with its shape; zeros for one that has none. */
  readonly whole: (output: number) => Value;
  /** Name of an output; an optional one that was left out is made. */
  readonly output: (index: number) => Value;
  /** The number that an input is, where it is one constant number that nobody asks a gradient of. */
  readonly number: (input: number) => number | undefined;
  /** Whether the gradient of an input is itself asked for. */
  readonly isWanted: (input: number) => boolean;
  /** A constant of the type of the first output. */
  readonly scalar: (number: number) => Value;
};

/**
 * The gradient of each input, made only for the inputs that need one; `undefined` for one that has none (an index, a
 * shape). Where another input takes the share of one with its own, there is none to make.
 */
export type Rule = (context: Context) => readonly ((() => Gradient | undefined) | undefined)[];
