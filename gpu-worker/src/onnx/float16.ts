/** The value of 16 bits: 1 of sign, 5 of exponent, 10 of mantissa (IEEE 754 binary16). */
const decode = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
};

let table: Float32Array | undefined;

const widened = (length: number): Float32Array => new Float32Array(length);

/** Exactly; `data` holds little-endian float16. */
export const float16ToFloat32 = (data: Uint8Array): Float32Array => {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => decode(bits));
  const values = widened(data.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = table[data[2 * i]! | (data[2 * i + 1]! << 8)]!;
  return values;
};

/** Exactly; bfloat16 is the upper half of a float32. */
export const bfloat16ToFloat32 = (data: Uint8Array): Float32Array => {
  const values = widened(data.length / 2);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i++) bits[i] = ((data[2 * i]! | (data[2 * i + 1]! << 8)) << 16) >>> 0;
  return values;
};

/** To the nearest, ties to even, as onnxruntime's `Cast` does; what is beyond 65,504 becomes infinite. Little-endian float16. */
export const float32ToFloat16 = (values: Float32Array): Uint8Array => {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = narrow(words[i]!);
  return new Uint8Array(halves.buffer);
};

const narrow = (word: number): number => {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below 2^-14 a float16 has fewer bits: the mantissa with its leading one is shifted as far as its exponent is short.
  const exponent = magnitude >>> 23;
  if (exponent < 113) return sign | roundShift((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
  return sign | roundShift(magnitude - (112 << 23), 13);
};

const roundShift = (bits: number, shift: number): number => {
  if (shift > 24) return 0;
  const kept = bits >>> shift;
  const rest = bits & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
};
