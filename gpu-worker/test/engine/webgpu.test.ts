import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportFolder } from '../exportFolder.ts';
import { fixtures, relativeDifference } from '../reference.ts';

// WebGPU over SwiftShader, a Vulkan in software that Debian's Chromium comes with.

const chromium = '/usr/lib/chromium';
const isThere = existsSync(`${chromium}/libvk_swiftshader.so`);
const script = fileURLToPath(new URL('./webgpu.fixture.ts', import.meta.url));

type Computed = { readonly backend: string; readonly values: readonly number[]; readonly lines: readonly string[] };

const compute = async (folder: string): Promise<{ webgpu: Computed; cpu: Computed }> => {
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: chromium,
    VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json`,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder], { env, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
};

const how = isThere ? '' : ' (skipped: no Vulkan in software; apt-get install --no-install-recommends chromium-common)';

const agree = async (folder: string) => {
  const { webgpu, cpu } = await compute(folder);
  expect([webgpu.backend, cpu.backend]).toEqual(['onnx-webgpu', 'onnx-cpu']);
  expect(cpu.values.length).toBeGreaterThan(100);
  expect(relativeDifference(webgpu.values, cpu.values)).toBeLessThan(1e-3);
};

test.skipIf(!isThere)(
  `WebGPU agrees with the CPU on a base like the shipped one${how}`,
  () => agree(`${fixtures}written/tiny/base`),
  120_000,
);

test.skipIf(!isThere).each([
  ['qwen2', 'past'],
  ['bert', 'features'],
] as const)(
  `WebGPU agrees with the CPU on %s by the %s exporter${how}`,
  async (architecture, exporter) => {
    const { folder, remove } = await exportFolder(architecture, exporter);
    try {
      await agree(folder);
    } finally {
      await remove();
    }
  },
  120_000,
);
