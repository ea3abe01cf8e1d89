import type { Mutator } from './mutators.ts';
import type { Random } from './random.ts';

// Bytes at random seldom get beyond the outermost message. Here one field is changed where it stands, and the lengths around
// it are written anew, so that what is wrong is wrong deep inside.

export type Field = {
  readonly number: number;
  readonly wire: number;
  readonly value: Uint8Array;
  /** What is written as its length, where that is a lie. */
  readonly length?: Uint8Array;
};

const varintWire = 0;
const delimitedWire = 2;

const readVarint = (bytes: Uint8Array, at: number): [value: number, end: number] | undefined => {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    value += (bytes[at + i]! & 0x7f) * 2 ** (7 * i);
    if (bytes[at + i]! < 0x80) return [value, at + i + 1];
  }
  return undefined;
};

/** The fields of a message; `undefined` when the bytes are none. Text that looks like a message is taken for one. */
const parse = (bytes: Uint8Array): Field[] | undefined => {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag[0] < 8 || tag[0] > 64 * 8) return undefined;
    const [wire, number] = [tag[0] % 8, Math.floor(tag[0] / 8)];
    let start = tag[1];
    let end = Number.POSITIVE_INFINITY;
    if (wire === 1) end = start + 8;
    if (wire === 5) end = start + 4;
    if (wire === varintWire) end = readVarint(bytes, start)?.[1] ?? end;
    if (wire === delimitedWire) {
      const length = readVarint(bytes, start);
      if (length !== undefined) [start, end] = [length[1], length[1] + length[0]];
    }
    if (end > bytes.length) return undefined;
    fields.push({ number, wire, value: bytes.subarray(start, end) });
    at = end;
  }
  return fields;
};

export const varint = (value: bigint): Uint8Array => {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
};

/** The bytes of a message with these fields. */
export const encode = (fields: readonly Field[]): Uint8Array =>
  Buffer.concat(
    fields.flatMap(({ number, wire, value, length }) => {
      const tag = varint(BigInt(number * 8 + wire));
      return wire === delimitedWire ? [tag, length ?? varint(BigInt(value.length)), value] : [tag, value];
    }),
  );

/** Changes `siblings` in place, at or around the field of that number. */
type Edit = (siblings: Field[], at: number, random: Random, root: Uint8Array) => void;

/** Down at random, the greatest field of a message more often than others: in a model that is where the graph is. */
const choose = (fields: readonly Field[], random: Random): number => {
  if (random.below(2) === 0) return random.below(fields.length);
  return fields.reduce((best, { value }, i) => (value.length > fields[best]!.value.length ? i : best), 0);
};

const editSomewhere = (
  bytes: Uint8Array,
  edit: Edit,
  random: Random,
  root = bytes,
  depth = 0,
): Uint8Array | undefined => {
  const fields = depth < 16 ? parse(bytes) : undefined;
  if (fields === undefined || fields.length === 0) return undefined;
  const at = depth === 0 ? choose(fields, random) : random.below(fields.length);
  const field = fields[at]!;
  const isInside = field.wire === delimitedWire && random.below(6) > 0;
  const inside = isInside ? editSomewhere(field.value, edit, random, root, depth + 1) : undefined;
  if (inside === undefined) edit(fields, at, random, root);
  else fields[at] = { ...field, value: inside };
  return encode(fields);
};

const change =
  (edit: Edit): Mutator =>
  (bytes, random) =>
    editSomewhere(bytes, edit, random) ?? bytes;

const extremes = [
  0n,
  1n,
  2n,
  3n,
  16n,
  127n,
  255n,
  2n ** 16n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  -1n,
  -(2n ** 63n),
];
const floats = ['0000c07f', '0000807f', '000080ff', 'ffffffff'].map((hex) => Buffer.from(hex, 'hex'));
const texts = ['', 'model', '..', '/etc/passwd', '\0', '\u001b[2J', 'x'.repeat(5_000), '9'.repeat(20)].map((text) =>
  Buffer.from(text),
);

const setValue = change((siblings, at, random) => {
  const field = siblings[at]!;
  if (field.wire === varintWire) siblings[at] = { ...field, value: varint(random.pick(extremes)) };
  if (field.wire === delimitedWire) siblings[at] = { ...field, value: random.pick(texts) };
  if (field.wire === 5) siblings[at] = { ...field, value: random.pick(floats) };
});

const lieAboutLength = change((siblings, at, random) => {
  siblings[at] = { ...siblings[at]!, length: varint(random.pick(extremes)) };
});

/** The same number in more bytes than it needs, up to the ten that a varint may have, and one more. */
const inflateVarint = change((siblings, at, random) => {
  const field = siblings[at]!;
  const inflate = (bytes: Uint8Array): Uint8Array => {
    const inflated = new Uint8Array(Math.max(bytes.length, 2 + random.below(10))).fill(0x80);
    inflated.set(bytes.map((byte) => byte | 0x80));
    inflated[inflated.length - 1]! &= 0x7f;
    return inflated;
  };
  if (field.wire === varintWire) siblings[at] = { ...field, value: inflate(field.value) };
  else siblings[at] = { ...field, length: inflate(varint(BigInt(field.value.length))) };
});

const removeField = change((siblings, at) => {
  siblings.splice(at, 1);
});

const repeatField = change((siblings, at, random) => {
  siblings.splice(at, 0, ...Array.from({ length: random.pick([1, 2, 40, 1_000]) }, () => siblings[at]!));
});

const retagField = change((siblings, at, random) => {
  const field = siblings[at]!;
  siblings[at] = {
    ...field,
    number: random.pick([1 + random.below(30), field.number + 1, random.pick(siblings).number]),
  };
});

const moveField = change((siblings, at, random) => {
  siblings.splice(random.below(siblings.length), 0, ...siblings.splice(at, 1));
});

/** The value of another place in its stead: names that are there but wrong, tensors of other dims. */
const copyValue = change((siblings, at, random, root) => {
  const field = siblings[at]!;
  let found: Uint8Array | undefined;
  for (let tries = 0; tries < 8 && found === undefined; tries++) {
    editSomewhere(
      root,
      (others, i) => {
        if (others[i]!.wire === field.wire) found = others[i]!.value;
      },
      random,
    );
  }
  siblings[at] = { ...field, value: found ?? field.value };
});

const nestField = change((siblings, at, random) => {
  const { number, wire, value } = siblings[at]!;
  if (wire !== delimitedWire) return;
  let nested: Uint8Array = value;
  for (let depth = random.pick([1, 10, 100]); depth > 0; depth--) nested = encode([{ number, wire, value: nested }]);
  siblings[at] = { number, wire, value: nested };
});

/** For files that are one message of protocol buffers. */
export const protobufMutators: readonly Mutator[] = [
  setValue,
  setValue,
  setValue,
  lieAboutLength,
  inflateVarint,
  removeField,
  removeField,
  repeatField,
  retagField,
  moveField,
  copyValue,
  copyValue,
  nestField,
];
