import type { Random } from '@openledger/gpu-worker/factory';

const parts = [
  'small old swift green mild dark heavy brave loud clean cold wild rich young plain sweet'.split(' '),
  'foxes birds ships stars lions boats dogs ducks girls cooks bees lamps kings trees frogs boys'.split(' '),
  'cross watch build carry paint sing hide find greet jump dream sleep read shine walk drift'.split(' '),
] as const;

/** Three words of up to five letters, each one of sixteen. */
export const drawSentence = (random: Random): string => parts.map((some) => some[random.below(some.length)]!).join(' ');
