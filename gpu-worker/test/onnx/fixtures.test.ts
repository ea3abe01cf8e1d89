import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  checkModel,
  foldConstants,
  type Model,
  printModel,
  readModel,
  readModelFile,
  writeModel,
  writeModelFile,
} from '../../src/onnx/index.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/models');
const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.onnx'))
  .sort();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onnx-fixtures-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Numbers for every input: token ids where integers are wanted, two rows of three, and no past. */
const feedsFor = ({ graph }: Model): Record<string, Tensor> =>
  Object.fromEntries(
    graph.inputs.map(({ name, type, shape }) => {
      const isPast = name.startsWith('past_key_values');
      const dims = shape!.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? 2 : isPast ? 0 : 3));
      const size = dims.reduce((product, dim) => product * dim, 1);
      const ids = BigInt64Array.from({ length: size }, (_, i) =>
        name === 'input_ids' ? BigInt(i + 5) : name === 'position_ids' ? BigInt(i % 3) : 1n,
      );
      return [
        name,
        type === 'int64'
          ? new Tensor('int64', name === 'token_type_ids' ? ids.fill(0n) : ids, dims)
          : new Tensor('float32', new Float32Array(size), dims),
      ];
    }),
  );

const run = async (session: InferenceSession, model: Model): Promise<Float32Array> => {
  const results = await session.run(feedsFor(model));
  return results[session.outputNames[0]!]!.data as Float32Array;
};

const quiet = { graphOptimizationLevel: 'basic', intraOpNumThreads: 1, logSeverityLevel: 3 } as const;

test('there are exports to try', () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
});

test.each(files)('%s is read, and what is written of it gives the same numbers', { timeout: 60_000 }, async (name) => {
  const path = join(fixtures, name);
  const model = checkModel(await readModelFile(path));
  const expected = await run(await InferenceSession.create(path, quiet), model);
  expect(expected.some((value) => value !== 0)).toBe(true);

  const written = writeModel(model);
  expect(readModel(written)).toEqual(model);
  expect(await run(await InferenceSession.create(written, quiet), model)).toEqual(expected);

  const beside = join(folder, `${name.replaceAll('/', '-')}`);
  const folded = checkModel({ ...model, graph: foldConstants(model.graph) });
  await writeModelFile(folded, beside, { external: { file: `${name.replaceAll('/', '-')}.data`, threshold: 256 } });
  expect(await readModelFile(beside)).toEqual(folded);
  expect(await run(await InferenceSession.create(beside, quiet), folded)).toEqual(expected);
});

test.each(files)('%s is shown in less lines than it has nodes, harmless for a terminal', async (name) => {
  const model = await readModelFile(join(fixtures, name));
  const shown = printModel({ ...model, graph: foldConstants(model.graph) });
  expect(shown.split('\n').length).toBeLessThan(model.graph.nodes.length + 2 * model.graph.initializers.size);
  expect(shown).toContain(' = MatMul(');
  expect(shown).not.toMatch(/[^\P{Cc}\n]/u);
});
