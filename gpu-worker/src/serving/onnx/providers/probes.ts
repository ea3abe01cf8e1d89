import type { Decoder } from '../decoder.ts';
import type { Encoder } from '../encoder/index.ts';
import { wholeAdapter } from '../layout.ts';
import type { Probe } from './choose.ts';

const steps = 5;

/** Reads a few tokens with an adapter and goes on with some more, in two rows; leaves the rows empty. */
export const probeDecoder = async (decoder: Decoder): Promise<Probe> => {
  const rows = decoder.rows > 1 ? [0, 1] : [0];
  const token = (at: number) => (at * 7_919 + 1) % decoder.vocabSize;
  const start = Math.min(8, decoder.capacity - steps);
  const values: Float32Array[] = [];
  for (const row of rows) {
    decoder.begin(row, row === 0 ? wholeAdapter(decoder.layout, small) : undefined);
    const tokens = Array.from({ length: start }, (_, at) => token(at + row));
    values.push((await decoder.run([{ row, tokens }])).slice());
  }
  const times: number[] = [];
  for (let step = 0; step < steps; step++) {
    const began = performance.now();
    values.push((await decoder.run(rows.map((row) => ({ row, tokens: [token(step * 3 + row)] })))).slice());
    times.push(performance.now() - began);
  }
  for (const row of rows) decoder.begin(row, undefined);
  return { values: joined(values), ms: middle(times) };
};

/** Embeds a few texts with an adapter and without. */
export const probeEncoder = async (encoder: Encoder): Promise<Probe> => {
  const text = (seed: number) => Array.from({ length: Math.min(8, encoder.capacity) }, (_, at) => (at * seed) % 64);
  const adapter = wholeAdapter(encoder.layout, small);
  const values = [...(await encoder.embed([text(3)])), ...(await encoder.embed([text(5)], { adapter }))];
  const times: number[] = [];
  for (let step = 0; step < steps; step++) {
    const began = performance.now();
    values.push(...(await encoder.embed([text(step + 7)])));
    times.push(performance.now() - began);
  }
  return { values: joined(values), ms: middle(times) };
};

const small = (at: number): number => Math.sin(at) / 100;

const middle = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
