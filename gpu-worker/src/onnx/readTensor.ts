import { typeOf } from './dataTypes.ts';
import { OnnxError } from './errors.ts';
import type { Budget } from './limits.ts';
import { type DataType, elementBytes, type Tensor } from './model.ts';
import {
  countOf,
  eachInteger,
  eachSafeInteger,
  type Field,
  fixedBytes,
  type Halves,
  integerOf,
  type Message,
  peekCount,
  readFields,
  textOf,
  viewOf,
} from './wire.ts';

/** The bytes of a file with external data, by the location that the model gives. */
export type External = (location: string, where: string) => Uint8Array;

export type Reading = { readonly budget: Budget; readonly external: External };

export type NamedTensor = { readonly name: string; readonly tensor: Tensor };

/** The fields that hold elements one by one, and which types each may hold. */
const listFields: Readonly<Record<number, { name: string; types: readonly DataType[]; bytesEach?: 4 | 8 }>> = {
  4: { name: 'float_data', types: ['float32'], bytesEach: 4 },
  5: { name: 'int32_data', types: ['int32', 'int16', 'int8', 'uint16', 'uint8', 'bool', 'float16', 'bfloat16'] },
  7: { name: 'int64_data', types: ['int64'] },
  10: { name: 'double_data', types: ['float64'], bytesEach: 8 },
  11: { name: 'uint64_data', types: ['uint64', 'uint32'] },
};

/** @throws OnnxError for types that are not read here, and where dims, type and bytes do not agree. */
export const readTensor = (message: Message, { budget, external }: Reading): NamedTensor => {
  const { limits } = budget;
  const dims: number[] = [];
  let name = '';
  let code = 0;
  let raw: Uint8Array | undefined;
  let isExternal = false;
  const counts = new Map<number, number>();
  const entries = new Map<string, string>();
  const count = (field: Field, number: number) =>
    counts.set(number, (counts.get(number) ?? 0) + countOf(field, listFields[number]!.bytesEach));
  readFields(message, {
    1: (field) => {
      if (dims.length + peekCount(field) > limits.rank) {
        throw new OnnxError(`${message.where}: the tensor has more than ${limits.rank} dims`);
      }
      eachSafeInteger(field, (dim) => dims.push(dim));
    },
    2: (field) => {
      code = integerOf(field);
    },
    3: () => {
      throw new OnnxError(`${message.where}: a tensor in segments is not read here; store it whole`);
    },
    4: (field) => count(field, 4),
    5: (field) => count(field, 5),
    7: (field) => count(field, 7),
    8: (field) => {
      name = textOf(field, limits.nameBytes);
    },
    9: (field) => {
      raw = viewOf(field);
    },
    10: (field) => count(field, 10),
    11: (field) => count(field, 11),
    13: (field) => {
      const [key, value] = readEntry({ bytes: viewOf(field), where: message.where }, limits.nameBytes);
      if (entries.size >= 8) throw new OnnxError(`${message.where}: external data has more than 8 entries`);
      entries.set(key, value);
    },
    14: (field) => {
      isExternal = integerOf(field) === 1;
    },
  });

  const where = name === '' ? message.where : `tensor ${name}`;
  const type = typeOf(code, where);
  const bytes = byteLength(type, dims, where);
  if (bytes > limits.tensorBytes) {
    throw new OnnxError(`${where}: ${type}[${dims}] takes ${bytes} bytes; at most ${limits.tensorBytes} are read`);
  }
  budget.spend('totalBytes', bytes, where);
  const stores = [...counts.keys()].map((number) => listFields[number]!.name);
  if (raw !== undefined) stores.push('raw_data');
  if (isExternal) stores.push('external data');
  if (stores.length > 1)
    throw new OnnxError(`${where}: its elements are stored more than once, in ${stores.join(' and ')}`);

  const list = counts.keys().next().value;
  if (isExternal) return { name, tensor: { type, dims, data: sliceExternal(entries, bytes, where, external) } };
  if (list !== undefined) {
    const { name: field, types } = listFields[list]!;
    if (!types.includes(type)) throw new OnnxError(`${where}: elements of type ${type} do not belong into ${field}`);
    const elements = bytes / elementBytes[type];
    if (counts.get(list) !== elements) {
      throw new OnnxError(`${where}: ${type}[${dims}] has ${elements} elements; ${field} holds ${counts.get(list)}`);
    }
    return { name, tensor: { type, dims, data: readList(message, list, type, bytes, where) } };
  }
  const data = raw ?? new Uint8Array(0);
  if (data.length !== bytes) {
    throw new OnnxError(`${where}: ${type}[${dims}] takes ${bytes} bytes; ${data.length} are stored`);
  }
  return { name, tensor: { type, dims, data } };
};

/** @throws OnnxError for a negative dim, and when the product is beyond 2^53. */
export const byteLength = (type: DataType, dims: readonly number[], where: string): number => {
  let size: number = elementBytes[type];
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new OnnxError(`${where}: ${dim} is no dim of a tensor; dims are 0 or more`);
    size *= dim;
  }
  // Some dim may be 0 and the others beyond all measure: the product is then 0 or NaN, and 0 is right.
  if (dims.includes(0)) return 0;
  if (!Number.isSafeInteger(size)) throw new OnnxError(`${where}: ${type}[${dims}] has more than 2^53 bytes`);
  return size;
};

export const readEntry = (message: Message, maxBytes: number): [key: string, value: string] => {
  let key = '';
  let value = '';
  readFields(message, {
    1: (field) => {
      key = textOf(field, maxBytes, 'a key');
    },
    2: (field) => {
      value = textOf(field, maxBytes, 'a value');
    },
  });
  return [key, value];
};

const sliceExternal = (
  entries: ReadonlyMap<string, string>,
  bytes: number,
  where: string,
  external: External,
): Uint8Array => {
  const location = entries.get('location');
  if (location === undefined) throw new OnnxError(`${where}: its data is external, and no location is given`);
  const offset = wholeNumber(entries.get('offset') ?? '0', 'offset', where);
  const length = wholeNumber(entries.get('length') ?? String(bytes), 'length', where);
  if (length !== bytes) {
    throw new OnnxError(`${where}: it takes ${bytes} bytes; ${length} are announced in ${location}`);
  }
  const file = external(location, where);
  if (length > file.length - offset) {
    throw new OnnxError(
      `${where}: bytes ${offset} to ${offset + length} of ${location}, which has ${file.length} bytes`,
    );
  }
  return file.subarray(offset, offset + length);
};

const wholeNumber = (text: string, what: string, where: string): number => {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new OnnxError(
    `${where}: the ${what} of its external data is ${JSON.stringify(text)}; a whole number of bytes belongs there`,
  );
};

const readList = (message: Message, list: number, type: DataType, bytes: number, where: string): Uint8Array => {
  const data = new Uint8Array(bytes);
  const view = new DataView(data.buffer);
  let at = 0;
  const bytesEach = listFields[list]!.bytesEach;
  const put = ({ low, high }: Halves): void => {
    const [min, max] = integerRanges[type] ?? [0, 0];
    const isWide = type === 'int64' || type === 'uint64';
    const value = type === 'uint32' ? low >>> 0 : low;
    if (!isWide && (value < min || value > max || (type === 'uint32' && high !== 0))) {
      throw new OnnxError(`${where}: element ${at / elementBytes[type]} is ${value}, which is no ${type}`);
    }
    if (elementBytes[type] === 1) view.setUint8(at, value);
    else if (elementBytes[type] === 2) view.setUint16(at, value, true);
    else view.setInt32(at, value, true);
    if (isWide) view.setInt32(at + 4, high, true);
    at += elementBytes[type];
  };
  readFields(message, {
    [list]: (field) => {
      if (bytesEach === undefined) return eachInteger(field, put);
      const part = fixedBytes(field, bytesEach);
      data.set(part, at);
      at += part.length;
    },
  });
  return data;
};

/** Bits of the 16-bit floats are stored as if they were uint16. */
const integerRanges: Partial<Record<DataType, readonly [min: number, max: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int8: [-128, 127],
  uint16: [0, 2 ** 16 - 1],
  uint8: [0, 255],
  bool: [0, 1],
  float16: [0, 2 ** 16 - 1],
  bfloat16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
};
