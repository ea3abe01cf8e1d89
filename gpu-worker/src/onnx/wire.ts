import protobuf from 'protobufjs/minimal.js';
import { OnnxError } from './errors.ts';

// The wire format of protocol buffers: fields of a message one after the other, nothing allocated but views.

/** A message of the file, and where it stands for a person who looks for it. */
export type Message = { readonly bytes: Uint8Array; readonly where: string };

export type Field = { readonly reader: protobuf.Reader; readonly wire: number; readonly where: string };

export type FieldReaders = Readonly<Record<number, (field: Field) => void>>;

const wires = new Map([
  [0, 'a varint'],
  [1, 'eight bytes'],
  [2, 'bytes with their length'],
  [5, 'four bytes'],
]);
const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

/** Calls the reader of each field in the order of the file; fields without one are skipped. @throws OnnxError */
export const readFields = ({ bytes, where }: Message, readers: FieldReaders): void => {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const at = reader.pos;
    const tag = guard(where, at, () => reader.tag());
    const wire = tag & 7;
    if (tag >>> 3 === 0 || !wires.has(wire)) {
      throw new OnnxError(
        `${where}: byte ${at} begins no field of a protocol buffer; this is no ONNX file or it is damaged`,
      );
    }
    const read = readers[tag >>> 3];
    if (read === undefined) skip({ reader, wire, where });
    else guard(where, at, () => read({ reader, wire, where }));
  }
};

/** The library's errors say no place. */
const guard = <T>(where: string, at: number, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof OnnxError) throw error;
    if (!(error instanceof Error) || !/^(index out of range|invalid )/.test(error.message)) throw error;
    throw new OnnxError(`${where}: the field at byte ${at} is cut off or damaged (${error.message})`);
  }
};

const expectWire = ({ wire, where }: Field, wanted: number): void => {
  if (wire !== wanted)
    throw new OnnxError(`${where}: a field is stored as ${wires.get(wire)} where ${wires.get(wanted)} belong`);
};

const skip = (field: Field): void => {
  const { wire } = field;
  if (wire === varint) integerHalves(field);
  else if (wire === delimited) viewOf(field);
  else advance(field, wire === fixed32 ? 4 : 8);
};

const advance = ({ reader, where }: Field, length: number): Uint8Array => {
  const start = reader.pos;
  if (length > reader.len - start) {
    throw new OnnxError(
      `${where}: ${length} bytes are announced at byte ${start}; the file has ${reader.len - start} there`,
    );
  }
  reader.pos = start + length;
  return reader.buf.subarray(start, start + length);
};

/** A view of a field's bytes; nothing is copied. */
export const viewOf = (field: Field): Uint8Array => {
  expectWire(field, delimited);
  return advance(
    field,
    guard(field.where, field.reader.pos, () => field.reader.size()),
  );
};

export const messageOf = (field: Field, where: string): Message => ({ bytes: viewOf(field), where });

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const textOf = (field: Field, maxBytes: number, what = 'a name'): string => {
  const bytes = viewOf(field);
  if (bytes.length > maxBytes) {
    throw new OnnxError(`${field.where}: ${what} has ${bytes.length} bytes; at most ${maxBytes} are read`);
  }
  try {
    return utf8.decode(bytes);
  } catch {
    throw new OnnxError(`${field.where}: ${what} is not UTF-8`);
  }
};

export type Halves = { readonly low: number; readonly high: number };

/** A varint of 64 bits in two signed halves. */
const integerHalves = ({ reader }: Field): Halves => reader.int64() as unknown as Halves;

const asNumber = ({ low, high }: Halves): number => high * 2 ** 32 + (low >>> 0);

/** A signed integer. @throws OnnxError beyond 2^53. */
export const integerOf = (field: Field): number => {
  expectWire(field, varint);
  return safe(integerHalves(field), field.where);
};

const safe = (halves: Halves, where: string): number => {
  const value = asNumber(halves);
  if (Number.isSafeInteger(value)) return value;
  const exact = (BigInt(halves.high) << 32n) + BigInt(halves.low >>> 0);
  throw new OnnxError(`${where}: the integer ${exact} is beyond 2^53, which is not read here`);
};

export const floatOf = (field: Field): number => {
  expectWire(field, fixed32);
  return field.reader.float();
};

// Repeated numbers come packed, many in one field, or one in a field.

/** How many numbers the field holds, without making them, so that it can be asked for before they are read. */
export const peekCount = (field: Field, bytesEach?: number): number => {
  const { pos } = field.reader;
  const count = countOf(field, bytesEach);
  field.reader.pos = pos;
  return count;
};

/** The same, and the field is passed over. */
export const countOf = (field: Field, bytesEach?: number): number => {
  const { wire, where } = field;
  if (wire !== delimited) {
    skip(field);
    return 1;
  }
  const bytes = viewOf(field);
  if (bytesEach !== undefined) {
    if (bytes.length % bytesEach !== 0) {
      throw new OnnxError(
        `${where}: ${bytes.length} packed bytes are no whole number of elements of ${bytesEach} bytes`,
      );
    }
    return bytes.length / bytesEach;
  }
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  return count;
};

/** Each varint of the field, in two halves. */
export const eachInteger = (field: Field, take: (halves: Halves) => void): void => {
  if (field.wire !== delimited) {
    expectWire(field, varint);
    take(integerHalves(field));
    return;
  }
  const reader = protobuf.Reader.create(viewOf(field));
  while (reader.pos < reader.len) take(integerHalves({ ...field, reader }));
};

export const eachSafeInteger = (field: Field, take: (value: number) => void): void =>
  eachInteger(field, (halves) => take(safe(halves, field.where)));

/** The bytes of floats or doubles, packed or single. */
export const fixedBytes = (field: Field, bytesEach: 4 | 8): Uint8Array => {
  if (field.wire === delimited) return viewOf(field);
  expectWire(field, bytesEach === 4 ? fixed32 : fixed64);
  return advance(field, bytesEach);
};
