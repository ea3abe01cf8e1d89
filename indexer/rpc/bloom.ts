import { type Hex, hexToBytes, keccak256 } from 'viem';

/** The three bits that an address or a topic sets, as [byte, mask] in 256 bytes. Source: yellow paper, section 4.3.1. */
type Bits = readonly (readonly [byte: number, mask: number])[];

const known = new Map<Hex, Bits>();
const knownAtMost = 20_000;

const bitsOf = (value: Hex): Bits => {
  const before = known.get(value);
  if (before !== undefined) return before;
  const hash = keccak256(value, 'bytes');
  const bits = [0, 2, 4].map((i) => {
    const bit = ((hash[i]! << 8) | hash[i + 1]!) & 2_047;
    return [255 - (bit >> 3), 1 << (bit & 7)] as const;
  });
  if (known.size >= knownAtMost) known.clear();
  known.set(value, bits);
  return bits;
};

/** A block's `logsBloom`, 256 bytes of hex, to be asked. */
export type Bloom = {
  /** False: no log of the block has this address or topic. True: one may. */
  mayHave: (value: Hex) => boolean;
};

export const readBloom = (logsBloom: Hex): Bloom => {
  const bytes = hexToBytes(logsBloom);
  return { mayHave: (value) => bitsOf(value).every(([byte, mask]) => (bytes[byte]! & mask) !== 0) };
};

/** The bloom that some logs come to, as hex. */
export const bloomOf = (logs: readonly { address: Hex; topics: readonly Hex[] }[]): Hex => {
  const bytes = new Uint8Array(256);
  for (const { address, topics } of logs) {
    for (const value of [address, ...topics]) {
      for (const [byte, mask] of bitsOf(value)) bytes[byte]! |= mask;
    }
  }
  return `0x${Buffer.from(bytes).toString('hex')}`;
};
