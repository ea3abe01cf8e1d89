import type { DataType } from './model.ts';

export type NonFinite = { readonly index: number; readonly value: number };

/** Bits of the exponent and of the mantissa, in words of which width. */
const layouts: Partial<Record<DataType, { bytes: 2 | 4 | 8; exponent: number; mantissa: number }>> = {
  float32: { bytes: 4, exponent: 0x7f800000, mantissa: 0x007fffff },
  float16: { bytes: 2, exponent: 0x7c00, mantissa: 0x03ff },
  bfloat16: { bytes: 2, exponent: 0x7f80, mantissa: 0x007f },
  // The upper half of a double; infinities have nothing in the lower one.
  float64: { bytes: 8, exponent: 0x7ff00000, mantissa: 0x000fffff },
};

/**
 * The first element that is no weight: NaN, or an infinite one among finite ones. A tensor in which all are 0 or infinite is
 * a mask or a bound, as exporters write them, and is left alone.
 */
export const findNonFinite = (type: DataType, data: Uint8Array): NonFinite | undefined => {
  const layout = layouts[type];
  if (layout === undefined) return undefined;
  const { bytes, exponent, mantissa } = layout;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = bytes === 2 ? (at: number) => view.getUint16(at, true) : (at: number) => view.getUint32(at, true);
  const high = bytes === 8 ? 4 : 0;
  let infinite: NonFinite | undefined;
  let hasWeights = false;
  for (let at = 0; at < data.length; at += bytes) {
    const bits = read(at + high);
    if ((bits & exponent) !== exponent) {
      hasWeights ||= (bits & (exponent | mantissa)) !== 0 || (high > 0 && read(at) !== 0);
      if (hasWeights && infinite !== undefined) return infinite;
      continue;
    }
    const index = at / bytes;
    if ((bits & mantissa) !== 0 || (high > 0 && read(at) !== 0)) return { index, value: Number.NaN };
    const isNegative = (bits & (exponent + mantissa + 1)) !== 0;
    infinite ??= { index, value: isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY };
    if (hasWeights) return infinite;
  }
  return undefined;
};
