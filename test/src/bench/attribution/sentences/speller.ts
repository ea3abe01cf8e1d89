import { type DecoderConfig, initialise, trainingModel, weightShapes } from '@openledger/gpu-worker/base';
import { asInputs, asWeights, createRandom, type Example, padExamples, train } from '@openledger/gpu-worker/factory';
import type { Model } from '@openledger/gpu-worker/onnx';
import { begin, end, exampleOf, pad, vocabularySize } from './alphabet.ts';
import { drawSentence } from './sentence.ts';
import { transformations } from './transformations.ts';

/** Tokens of a row: the longest task has 59. */
export const sequence = 60;

const config: DecoderConfig = {
  vocab_size: vocabularySize,
  hidden_size: 64,
  intermediate_size: 176,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: sequence,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  bos_token_id: begin,
  eos_token_id: end,
  pad_token_id: pad,
};

const steps = 2_000;

/**
 * A small transformer that reads and writes letters. It knows the transformations by other names, as larger models know what they
 * are tuned to do; an adapter has to learn what these ones are called.
 */
export const trainSpeller = async ({ threads }: { threads: number }): Promise<Model> => {
  const { model, parameters } = asInputs(trainingModel(config, initialise(config, 1)), [
    ...weightShapes(config).keys(),
  ]);
  const trained = await train({
    model,
    parameters,
    data: padExamples(drawSkills(10_000), { sequence, separator: end }),
    batch: 16,
    schedule: { peak: 3e-3, warmup: 50, steps, decay: 'cosine', floor: 1e-4 },
    optimizer: { betas: [0.9, 0.95], weightDecay: 0.1 },
    clip: 1,
    seed: 1,
    threads,
  });
  return asWeights(model, trained.parameters);
};

/** Each transformation by eight names of three letters. */
const drawSkills = (count: number): Example[] => {
  const random = createRandom(11);
  const letter = (): string => String.fromCharCode(65 + random.below(26));
  const names = transformations.flatMap((skill) =>
    Array.from({ length: 8 }, () => ({ skill, name: `${letter()}${letter()}${letter()}` })),
  );
  return Array.from({ length: count }, () => {
    const { skill, name } = names[random.below(names.length)]!;
    const sentence = drawSentence(random);
    return exampleOf(name, sentence, skill.of(sentence));
  });
};
