import type { Base } from '@openledger/gpu-worker/base';
import { defaultSampling, type GenerateRequest } from '@openledger/gpu-worker/serving';
import { createCore, type Decoder } from '@openledger/gpu-worker/serving/onnx';
import type { Asked } from './workload.ts';

export type Hash = `0x${string}`;

/** The request of a workload as engines take it: greedy, and as long as it is drawn. */
export const requestOf = (asked: Asked, id: string, adapter: Hash | undefined): GenerateRequest => ({
  id,
  adapter,
  prompt: asked.prompt,
  maxTokens: asked.answer,
  n: 1,
  sampling: { ...defaultSampling, temperature: 0 },
  stop: [],
  ignoreEnd: true,
  logprobs: undefined,
});

/** Hashes of our own: the core itself takes adapters by any. */
const hashOf = (number: number): Hash => `0x${number.toString(16)}`;

/**
 * The engine's own loop over a decoder, in this thread: decoders are compared by what they do with the same requests, scheduled
 * alike.
 *
 * @param adapters laid out as the decoder takes them; those of the workload count from 0. Without, the base is asked.
 * @returns seconds that a workload takes, all of it sent at the beginning.
 */
export const createRunner = (
  { config, tokenizer }: Pick<Base, 'config' | 'tokenizer'>,
  decoder: Decoder,
  adapters?: readonly Float32Array[],
): ((workload: readonly Asked[]) => Promise<number>) => {
  const endTokens = new Set([config.eos_token_id]);
  return async (workload) => {
    const core = createCore({ decoder, tokenizer, endTokens, maxWaiting: workload.length });
    for (const [number, adapter] of (adapters ?? []).entries()) core.load(hashOf(number), adapter);
    const began = performance.now();
    for (const [number, asked] of workload.entries()) {
      core.submit(requestOf(asked, `${number}`, adapters === undefined ? undefined : hashOf(asked.adapter)));
    }
    while (core.hasWork()) await core.step();
    return (performance.now() - began) / 1_000;
  };
};

export const tokensOf = (workload: readonly Asked[]): number => workload.reduce((sum, { answer }) => sum + answer, 0);
