import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { openOnnxEngine } from '../../src/serving/onnx/index.ts';
import { describeEngine } from './conformance.ts';

// The shipped base laid out as others lay theirs out, so that its graph is served as any export is.

const base = fileURLToPath(new URL('../../base/', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'));
  await mkdir(join(folder, 'onnx'));
  for (const file of ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    await symlink(join(base, file), join(folder, file));
  }
  for (const file of ['model.onnx', 'model.onnx_data']) await cp(join(base, file), join(folder, 'onnx', file));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeEngine("onnxruntime on an export's own graph", (options) => openOnnxEngine({ ...options, folder, threads: 1 }));
