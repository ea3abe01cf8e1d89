import { type Hex, hexToBytes, keccak256, toRlp } from 'viem';

type Nibbles = readonly number[];
type Item = { readonly path: Nibbles; readonly value: Hex };
/** As a parent holds it: the node itself when its RLP is shorter than 32 bytes, else the hash of that. */
type Reference = Hex | readonly Reference[];
type Body = readonly Reference[];

const empty = keccak256('0x80');

/**
 * The root of the Merkle Patricia trie that holds `values` under the RLP of their positions, as a block's `receiptsRoot`
 * and `transactionsRoot` do. Source: yellow paper, appendix D.
 */
export const orderedTrieRoot = (values: readonly Hex[]): Hex => {
  if (values.length === 0) return empty;
  const items = values.map((value, i) => ({ path: nibblesOf(toRlp(integer(i))), value }));
  items.sort((a, b) => compare(a.path, b.path));
  return keccak256(toRlp(bodyOf(items, 0)));
};

/** The node of some items in order, their paths equal before `depth`. */
const bodyOf = (items: readonly Item[], depth: number): Body => {
  const [first] = items;
  const last = items.at(-1);
  if (first === undefined || last === undefined) throw new Error('A node of a trie holds something');
  if (items.length === 1) return [compact(first.path.slice(depth), true), first.value];
  let shared = depth;
  while (first.path[shared] === last.path[shared]) shared++;
  if (shared > depth) return [compact(first.path.slice(depth, shared), false), referenceTo(bodyOf(items, shared))];
  const branches: Reference[] = Array.from({ length: 16 }, (_, nibble) => {
    const below = items.filter(({ path }) => path[depth] === nibble);
    return below.length === 0 ? '0x' : referenceTo(bodyOf(below, depth + 1));
  });
  // No position's RLP is the beginning of another's, so nothing ends in a branch.
  return [...branches, '0x'];
};

const referenceTo = (body: Body): Reference => {
  const rlp = toRlp(body);
  return rlp.length - 2 < 64 ? body : keccak256(rlp);
};

/** Hex-prefix encoding: a nibble that says leaf and odd, then the path. */
const compact = (path: Nibbles, leaf: boolean): Hex => {
  const odd = path.length % 2;
  const prefix = (leaf ? 2 : 0) + odd;
  return `0x${[prefix, ...(odd ? [] : [0]), ...path].map((nibble) => nibble.toString(16)).join('')}`;
};

/** As RLP has integers: whole bytes without leading zeros, so zero is nothing. */
const integer = (value: number): Hex => {
  if (value === 0) return '0x';
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`;
};

const nibblesOf = (hex: Hex): Nibbles => [...hexToBytes(hex)].flatMap((byte) => [byte >> 4, byte & 15]);

const compare = (a: Nibbles, b: Nibbles): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
};
