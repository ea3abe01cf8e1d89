import { LoraError } from './errors.ts';
import { type Dtype, dtypeBytes, isDtype } from './floats.ts';
import { byCodePoint, isList, isNumber, isObject, type Json, type JsonObject, parseJson } from './json.ts';
import { type AdapterLimits, adapterLimits } from './limits.ts';

/** `data` is row-major and little-endian, and a view of the file that it was read from. */
export type SafeTensor = { readonly dtype: Dtype; readonly dims: readonly number[]; readonly data: Uint8Array };

export type Safetensors = {
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  /** What the writer noted: `format: pt` by PyTorch's. */
  readonly metadata: ReadonlyMap<string, string>;
};

export type SafetensorsLimits = Pick<AdapterLimits, 'headerBytes' | 'tensors'>;

const maxDims = 8;

/**
 * A safetensors file: eight bytes of header length, a JSON header, then the tensors without a gap or an overlap.
 * Nothing is copied. Source: https://github.com/huggingface/safetensors#format
 *
 * @throws LoraError that names the tensor and what is wrong with it.
 */
export const readSafetensors = (bytes: Uint8Array, limits: SafetensorsLimits = adapterLimits): Safetensors => {
  const header = readHeader(bytes, limits);
  const body = bytes.subarray(8 + header.bytes);
  if (header.entries.size > limits.tensors + 1) {
    throw new LoraError(`The safetensors file has ${header.entries.size} tensors; at most ${limits.tensors} are read`);
  }
  const infos = [...header.entries]
    .filter(([name]) => name !== '__metadata__')
    .map(([name, info]) => tensorInfo(name, info));
  infos.sort((left, right) => left.begin - right.begin || left.end - right.end);
  const tensors = new Map<string, SafeTensor>();
  let end = 0;
  for (const info of infos) {
    if (info.begin !== end) {
      const fault = info.begin < end ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw new LoraError(`Tensor ${info.name} begins at byte ${info.begin} and ${fault}, which ends at ${end}`);
    }
    end = info.end;
    if (end > body.length) {
      throw new LoraError(`Tensor ${info.name} ends at byte ${end}; the file has ${body.length} bytes of tensors`);
    }
    tensors.set(info.name, { dtype: info.dtype, dims: info.dims, data: body.subarray(info.begin, end) });
  }
  if (end !== body.length) throw new LoraError(`${body.length - end} bytes at the end of the file belong to no tensor`);
  return { tensors, metadata: readMetadata(header.entries.get('__metadata__')) };
};

const readHeader = (bytes: Uint8Array, limits: SafetensorsLimits): { bytes: number; entries: JsonObject } => {
  if (bytes.length < 8)
    throw new LoraError(`A safetensors file begins with 8 bytes of length; this one has ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(limits.headerBytes)) {
    throw new LoraError(
      `The safetensors header is said to take ${length} bytes; at most ${limits.headerBytes} are read`,
    );
  }
  const size = Number(length);
  if (8 + size > bytes.length) {
    throw new LoraError(
      `The safetensors header takes ${size} bytes, but the file ends after ${bytes.length - 8} of them`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + size));
  } catch {
    throw new LoraError('The safetensors header is not UTF-8');
  }
  if (!text.startsWith('{')) throw new LoraError('The safetensors header does not begin with {');
  return { bytes: size, entries: parseJson(text, 'The safetensors header') as JsonObject };
};

type TensorInfo = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly dims: number[];
  readonly begin: number;
  readonly end: number;
};

const tensorInfo = (name: string, info: Json): TensorInfo => {
  const fail = (what: string): never => {
    throw new LoraError(`Tensor ${name.slice(0, 200)} ${what}`);
  };
  if (!isObject(info)) return fail('has no dtype, shape and data_offsets');
  for (const key of info.keys()) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') fail(`has an unknown field ${key.slice(0, 80)}`);
  }
  const dtype = info.get('dtype');
  if (typeof dtype !== 'string') return fail('has no dtype');
  if (!isDtype(dtype)) {
    return fail(`is of dtype ${dtype.slice(0, 40)}; read are ${Object.keys(dtypeBytes).join(', ')}`);
  }
  const dims = naturals(info.get('shape')) ?? fail('has a shape that is not a list of natural numbers');
  if (dims.length > maxDims) fail(`has ${dims.length} dimensions; at most ${maxDims} are read`);
  const offsets = naturals(info.get('data_offsets'));
  if (offsets?.length !== 2) return fail('has no two data_offsets');
  const [begin, end] = offsets as [number, number];
  const bytes = dims.reduce((product, dim) => product * dim, dtypeBytes[dtype]);
  if (end - begin !== bytes)
    fail(`of ${dtype} [${dims.join(', ')}] takes ${bytes} bytes; its offsets span ${end - begin}`);
  return { name, dtype, dims, begin, end };
};

const naturals = (value: Json | undefined): number[] | undefined => {
  if (!isList(value) || value.length > 64) return undefined;
  const numbers = value.map((item) => (isNumber(item) && /^\d{1,16}$/.test(item.text) ? Number(item.text) : -1));
  return numbers.every((number) => number >= 0 && Number.isSafeInteger(number)) ? numbers : undefined;
};

const readMetadata = (value: Json | undefined): Map<string, string> => {
  const metadata = new Map<string, string>();
  if (value === undefined || value === null) return metadata;
  if (!isObject(value)) throw new LoraError('__metadata__ of the safetensors header is not an object');
  for (const [key, text] of value) {
    if (typeof text !== 'string')
      throw new LoraError(`__metadata__ of the safetensors header: ${key.slice(0, 80)} is not text`);
    metadata.set(key, text);
  }
  return metadata;
};

const order: readonly Dtype[] = Object.keys(dtypeBytes) as Dtype[];

/**
 * The bytes that the official library writes for the same tensors: the widest types first, then by name, the header
 * padded with spaces to a multiple of eight.
 */
export const writeSafetensors = ({ tensors, metadata }: Safetensors): Uint8Array => {
  const sorted = [...tensors].sort(
    ([leftName, left], [rightName, right]) =>
      order.indexOf(left.dtype) - order.indexOf(right.dtype) || byCodePoint(leftName, rightName),
  );
  let end = 0;
  const entries = sorted.map(([name, { dtype, dims, data }]) => {
    const begin = end;
    end += data.byteLength;
    if (dims.reduce((product, dim) => product * dim, dtypeBytes[dtype]) !== data.byteLength) {
      throw new LoraError(`Tensor ${name} of ${dtype} [${dims.join(', ')}] was given ${data.byteLength} bytes`);
    }
    const info = `{"dtype":"${dtype}","shape":[${dims.join(',')}],"data_offsets":[${begin},${end}]}`;
    return `${JSON.stringify(name)}:${info}`;
  });
  if (metadata.size > 0) entries.unshift(`"__metadata__":${JSON.stringify(Object.fromEntries(metadata))}`);
  const text = Buffer.from(`{${entries.join(',')}}`);
  const header = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + header + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header), true);
  file.set(text, 8);
  file.fill(0x20, 8 + text.length, 8 + header);
  let at = 8 + header;
  for (const [, { data }] of sorted) {
    file.set(data, at);
    at += data.byteLength;
  }
  return file;
};
