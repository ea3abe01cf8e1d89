import type { Shape } from '../model.ts';
import type { Known } from './known.ts';
import type { Reader } from './reader.ts';

/** What is known of the outputs from what is known of the inputs; less is always allowed, wrong never. */
export type ShapeRule = (node: Reader) => readonly (Known | undefined)[];

export const unknownDims = (rank: number): Shape => Array.from({ length: rank }, () => undefined);

/** The first input's type with another shape. */
export const shaped = (node: Reader, shape: Shape | undefined, input = 0): readonly (Known | undefined)[] => {
  const known = node.input(input);
  return [known && { type: known.type, shape }];
};
