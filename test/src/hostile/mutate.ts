import type { Format } from './format.ts';
import { generalMutators } from './mutators.ts';
import { createRandom } from './random.ts';

/** The file of this number: the same for the same seed, so that a fault can be looked at again. */
export const mutate = (format: Format, seeds: readonly Uint8Array[], seed: number, index: number): Uint8Array => {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ index);
  let bytes = plain(random.pick(seeds));
  // Mostly one change: what is wrong everywhere is refused at once.
  for (let count = random.pick([1, 1, 1, 2, 3, 8]); count > 0; count--) {
    const mutators = random.below(3) === 0 || format.mutators.length === 0 ? generalMutators : format.mutators;
    const changed = random.pick(mutators)(bytes, random, random.pick(seeds));
    if (changed.length <= mostFileBytes) bytes = plain(changed);
  }
  return bytes;
};

/** Repeated parts of repeated parts would take minutes, and say nothing new. */
const mostFileBytes = 2 ** 23;

/** Not a Node buffer, whose `slice` copies nothing: a changed copy would be a changed seed. */
const plain = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
