/**
 * The inner loop of scoring as WebAssembly, since no library here multiplies bytes with 16-bit integers exactly and as fast as
 * memory gives them: `score(records, count, steps, query, powers, scores)`, all addresses in bytes.
 *
 * A record is 16 bytes, of which the one at 8 is its exponent, and `steps` times 16 bytes of φ around 128. `query` has an int16 for
 * each number of φ, `powers` a float64 for each exponent from −128 on. `scores[row]` becomes the sum of products times the row's
 * power. Two sums of four lanes are kept: each lane adds 256 products at most of 2,048 numbers, and 256 · 127 · 16,000 fits into
 * 32 bits.
 */
export type Kernel = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly score: (
    records: number,
    count: number,
    steps: number,
    query: number,
    powers: number,
    scores: number,
  ) => void;
};

/** @param bytes that the kernel can address. */
export const createKernel = (bytes: number): Kernel => {
  const pages = Math.ceil(bytes / 65_536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled(), { js: { memory } });
  return { memory, score: exports.score as Kernel['score'] };
};

// What of it is used; only the libraries of browsers declare it.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (pages: { initial: number; maximum: number }) => Kernel['memory'];
  Instance: new (module: object, imports: object) => { exports: Readonly<Record<string, unknown>> };
};

const [i32, v128, f64] = [0x7f, 0x7b, 0x7c];
const [records, count, steps, query, powers, scores] = [0, 1, 2, 3, 4, 5];
const [low, high, values, at, left] = [6, 7, 8, 9, 10];

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const number = (value: number) => [0x41, ...signed(value)];
const simd = (code: number) => [0xfd, ...unsigned(code)];
const load = (offset: number) => [...simd(0), 0, ...unsigned(offset)];
const add = 0x6a;
const increase = (local: number, by: number) => [...get(local), ...number(by), add, ...set(local)];
/** Runs the body again while the local, one less, is not 0. */
const repeat = (local: number, body: readonly number[]) => [
  ...[0x03, 0x40, ...body, ...get(local), ...number(-1), add, 0x22, local],
  ...[0x0d, 0, 0x0b],
];
const nothing = [...simd(12), ...new Array<number>(16).fill(0)];
const bias = [...simd(12), ...new Array<number>(16).fill(0x80)];
const [xor, addLanes, dot, extendLow, extendHigh] = [81, 174, 186, 135, 136].map(simd) as [
  number[],
  number[],
  number[],
  number[],
  number[],
];
/** Adds eight products to a sum: of the half of the values, and the query's numbers from there. */
const multiply = (sum: number, half: readonly number[], offset: number) => [
  ...[...get(sum), ...get(values), ...half, ...get(at), ...load(offset), ...dot, ...addLanes],
  ...set(sum),
];
const lane = (index: number) => [...get(low), ...simd(27), index, 0xac];

const body = [
  ...[...get(count), 0x45, 0x04, 0x40, 0x0f, 0x0b],
  ...repeat(count, [
    ...[...nothing, ...set(low), ...nothing, ...set(high)],
    ...[...get(query), ...set(at), ...get(steps), ...set(left)],
    // The power's address stays below on the stack of the row's result: scores, then power · sum.
    ...get(scores),
    ...[...get(records), 0x2c, 0, 8, ...number(128), add, ...number(3), 0x74, ...get(powers), add, 0x2b, 3, 0],
    ...repeat(left, [
      ...increase(records, 16),
      ...[...get(records), ...load(0), ...bias, ...xor, ...set(values)],
      ...multiply(low, extendLow, 0),
      ...multiply(high, extendHigh, 16),
      ...increase(at, 32),
    ]),
    ...increase(records, 16),
    ...[...get(low), ...get(high), ...addLanes, ...set(low)],
    ...[...lane(0), ...lane(1), 0x7c, ...lane(2), 0x7c, ...lane(3), 0x7c, 0xb9, 0xa2],
    ...[0x39, 3, 0],
    ...increase(scores, 8),
  ]),
];

const compiled = (): object => {
  const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const code = [3, 3, v128, 2, i32, 0, f64, ...body, 0x0b];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [1, 0x60, 6, i32, i32, i32, i32, i32, i32, 0]),
      ...section(2, [1, ...name('js'), ...name('memory'), 2, 0, 1]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...name('score'), 0, 0]),
      ...section(10, [1, ...unsigned(code.length), ...code]),
    ]),
  );
};

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
