import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { configJson, initialise } from '@openledger/gpu-worker/base';
import { type SafeTensor, writeSafetensors } from '@openledger/gpu-worker/lora';
import { type Tensor, tensors } from '@openledger/gpu-worker/onnx';
import type { Case, Measured } from './case.ts';

const run = promisify(execFile);

/** A Python with PyTorch, transformers and peft: `PYTORCH_PYTHON`, or `python3` where it has them. */
export async function findPyTorch(): Promise<string | undefined> {
  const python = process.env.PYTORCH_PYTHON || 'python3';
  return run(python, ['-c', 'import torch, transformers, peft']).then(
    () => python,
    () => undefined,
  );
}

/** The same case in PyTorch, from the same weights and on the same ids. */
export async function measurePyTorch(python: string, given: Case): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-pytorch-'));
  try {
    const weights = join(folder, 'weights.safetensors');
    await writeFile(weights, weightsOf(given));
    const job = JSON.stringify({ ...given, config: configJson(given.config), weights });
    const { stdout } = await run(python, [join(import.meta.dirname, 'pytorch.py'), job], {
      env: { ...process.env, OMP_NUM_THREADS: String(given.threads), HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: '0' },
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** PyTorch has matrices of linear modules the other way round. */
const weightsOf = ({ config }: Case): Uint8Array => {
  const entries = [...initialise(config, 1)].map(([name, tensor]): [string, SafeTensor] => {
    const isLinear = tensor.dims.length === 2 && !name.includes('embed');
    const { dims, data } = isLinear ? transposed(tensor) : tensor;
    return [name, { dtype: 'F32', dims, data }];
  });
  return writeSafetensors({ tensors: new Map(entries), metadata: new Map([['format', 'pt']]) });
};

const transposed = (tensor: Tensor): Tensor => {
  const [rows, columns] = tensor.dims as [number, number];
  const values = tensors.floats(tensor);
  return tensors.float32(
    [columns, rows],
    Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!),
  );
};
