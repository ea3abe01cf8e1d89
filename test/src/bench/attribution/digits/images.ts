import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Numbers of an image, a constant 1 for the bias behind the 64 pixels, and the digits that it may show. */
export const [inputs, classes] = [65, 10];

export type Image = {
  /** [65]: pixels from 0 to 1, then 1. */
  readonly pixels: Float64Array;
  readonly digit: number;
};

/** The 1,797 images of `digits.bin`, which `digits.py` wrote. */
export const readImages = async (): Promise<readonly Image[]> => {
  const bytes = await readFile(join(import.meta.dirname, 'digits.bin'));
  return Array.from({ length: bytes.length / inputs }, (_, image) => {
    const own = bytes.subarray(image * inputs, (image + 1) * inputs);
    return { pixels: Float64Array.from(own, (pixel, at) => (at === inputs - 1 ? 1 : pixel / 16)), digit: own.at(-1)! };
  });
};
