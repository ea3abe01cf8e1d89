/**
 * Opens models on WebGPU and on the CPU, has each compute the same, and prints what came of it. Run by a test as a process of
 * its own, since Vulkan's loader is found by the environment that a process begins with.
 */
import { probeDecoder, probeEncoder } from '../../src/serving/onnx/providers/index.ts';
import { openServed } from '../../src/serving/onnx/served.ts';

const computed = async (folder: string, provider: string) => {
  const options = { folder, threads: 1, rows: 2, queue: 2, maxRank: 4, providers: [provider] };
  const served = await openServed(options, () => {});
  const { values } = 'encoder' in served ? await probeEncoder(served.encoder) : await probeDecoder(served.decoder);
  await ('encoder' in served ? served.encoder : served.decoder).close();
  return { backend: served.backend, values: [...values] };
};

for (const folder of process.argv.slice(2)) {
  const both = { webgpu: await computed(folder, 'webgpu'), cpu: await computed(folder, 'cpu') };
  process.stdout.write(`${JSON.stringify(both)}\n`);
}
