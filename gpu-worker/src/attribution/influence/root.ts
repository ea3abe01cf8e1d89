import type { Hex } from '@openledger/protocol';
import { concat, keccak256 } from 'ethers';
import { recordBytes } from './record.ts';
import type { GradientStore } from './store.ts';

// Leaves are keccak256(0x00 ‖ record), in the file's order; above, keccak256(0x01 ‖ left ‖ right), one without a neighbour moves up as
// it is. The root is keccak256(0x02 ‖ count, 8 bytes ‖ keccak256(header) ‖ the tree's top), so settings and length are part of it.

type RootParts = Pick<GradientStore, 'header' | 'records' | 'count' | 'size'>;

/** What a manifest commits to: every row, their order and number, and what they were made with. */
export const storeRoot = (store: RootParts): Hex =>
  rootOf(store, keccak256(store.header), top(layersOf(leavesOf(store))));

/** That a store with a root has this row at this place. */
export type RowProof = {
  readonly row: number;
  readonly count: number;
  readonly headerHash: string;
  /** From the leaf upwards; none on layers where it has no neighbour. */
  readonly siblings: readonly string[];
};

export const proveRow = (store: RootParts, row: number): RowProof => {
  if (!Number.isSafeInteger(row) || row < 0 || row >= store.count) {
    throw new RangeError(`The store has rows 0 to ${store.count - 1}, not ${row}`);
  }
  const siblings = layersOf(leavesOf(store)).flatMap((layer, level) => {
    const sibling = layer[Math.floor(row / 2 ** level) ^ 1];
    return layer.length > 1 && sibling !== undefined ? [sibling] : [];
  });
  return { row, count: store.count, headerHash: keccak256(store.header), siblings };
};

export const verifyRow = (record: Uint8Array, proof: RowProof, root: string): boolean => {
  const { row, count, headerHash } = proof;
  if (row < 0 || row >= count) return false;
  const siblings = [...proof.siblings];
  let hash = leafOf(record);
  for (let [at, length] = [row, count]; length > 1; at = Math.floor(at / 2), length = Math.ceil(length / 2)) {
    if ((at ^ 1) >= length) continue;
    const sibling = siblings.shift();
    if (sibling === undefined) return false;
    hash = at % 2 === 0 ? inner(hash, sibling) : inner(sibling, hash);
  }
  return siblings.length === 0 && rootOf({ count }, headerHash, hash) === root;
};

const rootOf = ({ count }: { count: number }, headerHash: string, tree: string): Hex =>
  keccak256(concat(['0x02', `0x${count.toString(16).padStart(16, '0')}`, headerHash, tree])) as Hex;

const leafOf = (record: Uint8Array): string => keccak256(concat(['0x00', record]));
const inner = (left: string, right: string): string => keccak256(concat(['0x01', left, right]));

const leavesOf = ({ records, count, size }: RootParts): string[] => {
  const length = recordBytes(size);
  return Array.from({ length: count }, (_, row) => leafOf(records.subarray(row * length, (row + 1) * length)));
};

const layersOf = (leaves: readonly string[]): readonly (readonly string[])[] => {
  const layers = [leaves];
  for (let below = leaves; below.length > 1; layers.push(below)) {
    const layer = below;
    below = Array.from({ length: Math.ceil(layer.length / 2) }, (_, at) => {
      const [left, right] = [layer[2 * at]!, layer[2 * at + 1]];
      return right === undefined ? left : inner(left, right);
    });
  }
  return layers;
};

/** Of an empty store: zeros. */
const top = (layers: readonly (readonly string[])[]): string => layers.at(-1)?.[0] ?? `0x${'00'.repeat(32)}`;
