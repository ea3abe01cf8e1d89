/**
 * Serves a model on WebGPU, asks it, and prints what came of it: run by a test as a process of its own, since Vulkan's
 * loader is found by the environment that a process begins with.
 */

import { probeDecoder, probeEncoder } from '../../src/serving/onnx/providers/index.ts';
import { openServed } from '../../src/serving/onnx/served.ts';

const [folder] = process.argv.slice(2);
const valuesOn = async (provider: string) => {
  const lines: string[] = [];
  const options = { folder: folder!, threads: 1, rows: 2, queue: 2, maxRank: 4, providers: [provider] };
  const served = await openServed(options, (line) => lines.push(line));
  const { values } = 'encoder' in served ? await probeEncoder(served.encoder) : await probeDecoder(served.decoder);
  await ('encoder' in served ? served.encoder : served.decoder).close();
  return { backend: served.backend, values: [...values], lines };
};
process.stdout.write(JSON.stringify({ webgpu: await valuesOn('webgpu'), cpu: await valuesOn('cpu') }));
