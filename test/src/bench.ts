/** `npm run -s bench -- <name>`: measures, and prints a table and, last, one line of JSON. */
import { attribution } from './bench/attribution.ts';
import { base } from './bench/base.ts';
import { graphql } from './bench/graphql.ts';
import { indexing } from './bench/indexing.ts';
import { intake } from './bench/intake.ts';
import { graphqlOperations } from './bench/operations.ts';
import { type Bench, table } from './bench/report.ts';
import { serving } from './bench/serving.ts';
import { spans } from './bench/spans.ts';
import { specialise } from './bench/specialise.ts';
import { training } from './bench/training.ts';

const benches: readonly Bench[] = [
  indexing,
  graphql,
  graphqlOperations,
  intake,
  base,
  specialise,
  training,
  serving,
  attribution,
  spans,
];

const [name, ...flags] = process.argv.slice(2);
const bench = benches.find((candidate) => candidate.name === name);
const unknown = bench && flags.find((flag) => !bench.flags.includes(flag));
if (bench === undefined || unknown !== undefined) {
  const what = unknown ?? name;
  const known = benches.map(
    ({ name, flags }) => `npm run -s bench -- ${[name, ...flags.map((f) => `[${f}]`)].join(' ')}`,
  );
  process.stderr.write(`bench: ${what === undefined ? 'say what' : `${what} is unknown`}\n${known.join('\n')}\n`);
  process.exit(1);
}

const started = performance.now();
const figures = await bench.run(new Set(flags), (message) => {
  const seconds = (performance.now() - started) / 1_000;
  process.stderr.write(`${seconds.toFixed(1).padStart(6)} s  ${message}\n`);
});
process.stdout.write(`${table(figures)}${JSON.stringify({ name: bench.name, figures })}\n`);
