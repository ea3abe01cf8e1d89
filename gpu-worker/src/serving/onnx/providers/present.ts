import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ort } from '../../../factory/index.ts';
import { createBuilder, tensors } from '../../../onnx/index.ts';
import { float32 } from '../tensors.ts';
import { openOn } from './session.ts';

/** Why nothing can be computed on a provider here; undefined where something can. */
export const absenceOf = async (provider: string): Promise<string | undefined> => {
  if (provider === 'cpu') return undefined;
  const known = ort.listSupportedBackends();
  const backend = known.find(({ name }) => name === provider);
  if (backend === undefined) {
    return `onnxruntime has no such provider on this system; it has ${known.map(({ name }) => name).join(', ')}`;
  }
  // Asked for a library that is not there, onnxruntime would write to the standard error as well.
  if (!backend.bundled && !existsSync(libraryOf(provider)))
    return `its library is not installed (${libraryOf(provider)})`;
  return (provider === 'webgpu' ? missingVulkan() : undefined) ?? failureOf(provider);
};

/** On Linux WebGPU runs over Vulkan; without its loader, every attempt would write a warning to the standard error. */
const missingVulkan = (): string | undefined => {
  const [loader, cache] = ['libvulkan.so.1', '/etc/ld.so.cache'];
  // Where the linker keeps no list of libraries, only an attempt can tell.
  if (process.platform !== 'linux' || !existsSync(cache) || readFileSync(cache).includes(loader)) return undefined;
  const folders = [...(process.env.LD_LIBRARY_PATH ?? '').split(':'), '/lib', '/usr/lib', '/lib64', '/usr/lib64'];
  if (folders.some((folder) => folder !== '' && existsSync(join(folder, loader)))) return undefined;
  return `the Vulkan loader ${loader} is not installed (Debian: libvulkan1)`;
};

const libraryOf = (provider: string): string => {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const file =
    process.platform === 'win32' ? `onnxruntime_providers_${provider}.dll` : `libonnxruntime_providers_${provider}.so`;
  return join(root, 'bin', 'napi-v6', process.platform, process.arch, file);
};

/** A product of two matrices is enough to see whether there is a device. */
const failureOf = async (provider: string): Promise<string | undefined> => {
  const g = createBuilder({ opset: 17, name: 'probe' });
  const x = g.input('x', 'float32', [1, 2]);
  g.output('y', g.op('MatMul', [x, g.initializer('w', tensors.float32([2, 1], [3, 4]))]), 'float32', [1, 1]);
  try {
    const session = await openOn({ provider, threads: 1 })(g.build());
    try {
      const { y } = await session.run({ x: float32([1, 2], Float32Array.of(1, 2)) });
      const [value] = y!.data as Float32Array;
      return Math.abs(value! - 11) < 1e-3 ? undefined : `it computes 1·3 + 2·4 = ${value}`;
    } finally {
      await session.release();
    }
  } catch (error) {
    return lineOf(error);
  }
};

/** What onnxruntime says, without the places in its source. */
export const lineOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  const [last] = text.trim().split('\n').slice(-1);
  return last!.replace(/^\/onnxruntime_src\/\S+ .*? was false\. /, '').slice(0, 300);
};
