import { type GradientStore, openScorer, quantiseQuery } from '@openledger/gpu-worker/attribution/influence';

const headBytes = 16;

/** As many rows of random numbers as are wanted, as they lie in a file of gradients; each of one of so many contributions. */
export const randomStore = (count: number, size: number, contributions: readonly bigint[]): GradientStore => {
  const length = headBytes + Math.ceil(size / 16) * 16;
  const records = new Uint8Array(count * length);
  const view = new DataView(records.buffer);
  let word = 123_456_789;
  for (let at = 0; at + 4 <= records.length; at += 4) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    // Without the lowest numbers, which no row has.
    view.setUint32(at, word | 0x01010101, true);
  }
  for (let row = 0; row < count; row++) {
    const at = row * length;
    view.setBigUint64(at, contributions[row % contributions.length]!, true);
    view.setInt8(at + 8, -12 + (row % 5));
    records.fill(128, at + headBytes + size, at + length);
  }
  return {
    ...{ size, settings: {}, header: new Uint8Array(), count, records },
    contributionOf: (row) => view.getBigUint64(row * length, true),
    exponentOf: (row) => view.getInt8(row * length + 8),
    valuesOf: (row) => {
      const from = row * length + headBytes;
      return Int8Array.from(records.subarray(from, from + size), (value) => value - 128);
    },
  };
};

/** Milliseconds to score all rows for one answer, exactly, on one thread: the median of several. */
export const scoringTime = async (store: GradientStore, turns: number): Promise<number> => {
  const scorer = await openScorer(store);
  const query = quantiseQuery(Float64Array.from({ length: store.size }, (_, at) => Math.sin(at)));
  await scorer.score(query);
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const started = performance.now();
    await scorer.score(query);
    times.push(performance.now() - started);
  }
  await scorer.close();
  return times.sort((left, right) => left - right)[times.length >> 1]!;
};
