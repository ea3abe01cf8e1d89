import type { Node, Tensor } from '../model.ts';
import { isNumeric, type Known } from './known.ts';

/** A node with what is known of its inputs, and its attributes by their defaults. */
export type Reader = {
  readonly node: Node;
  /** Version of the standard operator set. */
  readonly opset: number;
  /** What is known of an input; `undefined` where it is left out or nothing is known. */
  readonly input: (index: number) => Known | undefined;
  readonly has: (index: number) => boolean;
  readonly int: (attribute: string, fallback: number) => number;
  readonly float: (attribute: string, fallback: number) => number;
  readonly string: (attribute: string, fallback: string) => string;
  readonly tensor: (attribute: string) => Tensor | undefined;
  /** A list of whole numbers that is an attribute in older operator sets and an input in newer ones. */
  readonly list: (attribute: string, input?: number) => readonly number[] | 'absent' | 'unknown';
};

export const createReader = (node: Node, opset: number, known: (value: string) => Known | undefined): Reader => {
  const has = (index: number): boolean => (node.inputs[index] ?? '') !== '';
  const input = (index: number): Known | undefined => (has(index) ? known(node.inputs[index]!) : undefined);
  const number = (attribute: string, fallback: number): number => {
    const found = node.attributes.get(attribute);
    return found?.kind === 'int' || found?.kind === 'float' ? found.value : fallback;
  };
  return {
    node,
    opset,
    has,
    input,
    int: number,
    float: number,
    string: (attribute, fallback) => {
      const found = node.attributes.get(attribute);
      return found?.kind === 'string' ? found.value : fallback;
    },
    tensor: (attribute) => {
      const found = node.attributes.get(attribute);
      return found?.kind === 'tensor' ? found.value : undefined;
    },
    list: (attribute, index) => {
      const found = node.attributes.get(attribute);
      // A list of no or of whole numbers may have been written as floats by a builder that cannot tell them apart.
      if (found?.kind === 'ints' || found?.kind === 'floats') return found.value;
      if (index === undefined || !has(index)) return 'absent';
      const contents = input(index)?.contents;
      return isNumeric(contents) ? contents : 'unknown';
    },
  };
};

/** An axis counted from the end, from the start. */
export const fromStart = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
