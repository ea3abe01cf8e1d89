import { verifyOperations } from '../graphql/verify.ts';
import { type Bench, round } from './report.ts';

const OPERATIONS = 100_000;

/** 100,000 generated operations, right and wrong, against an API of its own: how many a second, and whether any broke it. */
export const graphqlOperations: Bench = {
  name: 'graphql-operations',
  flags: [],
  run: async (_flags, progress) => {
    const seed = Math.floor(Math.random() * 1e9);
    const began = performance.now();
    const { operations, answered, refused, slowest_ms, faults } = await verifyOperations(
      { operations: OPERATIONS, seed },
      progress,
    );
    const seconds = (performance.now() - began) / 1000;
    return { operations, answered, refused, faults, slowest_ms, operations_per_s: round(operations / seconds), seed };
  },
};
