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
const how = isThere ? '' : ' (skipped: no Vulkan in software; apt-get install --no-install-recommends chromium-common)';

type Computed = { readonly backend: string; readonly values: readonly number[] };

test.skipIf(!isThere)(
  `WebGPU agrees with the CPU on decoders and encoders${how}`,
  async () => {
    const [qwen2, bert] = [await exportFolder('qwen2', 'past'), await exportFolder('bert', 'features')];
    const folders = [`${fixtures}written/tiny/base`, qwen2.folder, bert.folder];
    const env = {
      ...process.env,
      LD_LIBRARY_PATH: chromium,
      VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json`,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...folders], { env, maxBuffer: 2 ** 26 });
    await Promise.all([qwen2.remove(), bert.remove()]);
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBe(folders.length);
    for (const line of lines) {
      const { webgpu, cpu }: { webgpu: Computed; cpu: Computed } = JSON.parse(line);
      expect([webgpu.backend, cpu.backend]).toEqual(['onnx-webgpu', 'onnx-cpu']);
      expect(cpu.values.length).toBeGreaterThan(100);
      expect(relativeDifference(webgpu.values, cpu.values)).toBeLessThan(1e-3);
    }
  },
  120_000,
);
