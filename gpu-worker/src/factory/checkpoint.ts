import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../lora/index.ts';
import { FactoryError } from './errors.ts';
import type { Job } from './job.ts';
import { initialState, type State } from './state.ts';

const word = z.number().int().min(0).max(0xffffffff);
const count = z.number().int().min(0);

const header = z.object({
  job: z.string(),
  step: count,
  evaluated: count,
  stale: count,
  order: z.object({ epoch: count, position: count, random: z.tuple([word, word, word, word]) }),
  best: z.object({ step: count, loss: z.number() }).optional(),
});

/**
 * Writes a training's state as one safetensors file: under each parameter's name its values, `first.`, `second.` and, when
 * the rows held out had their best at another step, `best.`. The file is complete or the one from before is still there,
 * whenever the process or the machine ends: it is written beside, flushed, renamed, and its folder flushed.
 */
export const saveCheckpoint = async (file: string, job: string, state: State): Promise<void> => {
  const { step, parameters, moments, order, evaluated, stale, best } = state;
  const tensors = new Map<string, SafeTensor>();
  for (const [index, { name, dims, values }] of parameters.entries()) {
    tensors.set(name, tensor(dims, values));
    tensors.set(`first.${name}`, tensor(dims, moments[index]!.first));
    tensors.set(`second.${name}`, tensor(dims, moments[index]!.second));
    if (best) tensors.set(`best.${name}`, tensor(dims, best.values[index]!));
  }
  const known: z.infer<typeof header> = { job, step, evaluated, stale, order: { ...order, random: [...order.random] } };
  if (best) known.best = { step: best.step, loss: best.loss };
  const bytes = writeSafetensors({ tensors, metadata: new Map([['training', JSON.stringify(known)]]) });
  await mkdir(dirname(file), { recursive: true });
  const draft = await open(`${file}.draft`, 'w');
  await draft.writeFile(bytes);
  await draft.sync();
  await draft.close();
  await rename(`${file}.draft`, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync();
  await folder.close();
};

/**
 * The state that a checkpoint holds, or `undefined` where there is no file.
 *
 * @throws FactoryError when the file is of another training, or is no checkpoint.
 */
export const loadCheckpoint = async (file: string, hash: string, job: Job): Promise<State | undefined> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const { tensors, metadata } = readSafetensors(bytes);
  const known = header.safeParse(parsed(metadata.get('training')));
  if (!known.success) throw new FactoryError(`${file} is no checkpoint of a training: ${z.prettifyError(known.error)}`);
  if (known.data.job !== hash) {
    throw new FactoryError(
      `${file} belongs to another training (${known.data.job.slice(0, 8)}, this one is ${hash.slice(0, 8)}): its data, ` +
        'weights or options differ. Name another file, or delete this one to begin anew',
    );
  }
  const state = initialState(job);
  const fill = (name: string, values: Float32Array): void => {
    const found = tensors.get(name);
    if (found?.dtype !== 'F32' || found.data.byteLength !== values.byteLength) {
      throw new FactoryError(`${file} has no ${name} of ${values.length} float32 numbers`);
    }
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(found.data);
  };
  for (const [index, { name, values }] of state.parameters.entries()) {
    fill(name, values);
    fill(`first.${name}`, state.moments[index]!.first);
    fill(`second.${name}`, state.moments[index]!.second);
  }
  const { step, evaluated, stale, order, best } = known.data;
  if (best) {
    const values = state.parameters.map((parameter) => new Float32Array(parameter.values.length));
    for (const [index, { name }] of state.parameters.entries()) fill(`best.${name}`, values[index]!);
    state.best = { ...best, values };
  }
  return Object.assign(state, { step, evaluated, stale, order });
};

const tensor = (dims: readonly number[], values: Float32Array): SafeTensor => ({
  dtype: 'F32',
  dims,
  data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};
