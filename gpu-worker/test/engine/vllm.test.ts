import { openVllmEngine } from '../../src/serving/vllm/index.ts';
import { startEmulator } from '../vllm/emulator.ts';
import { describeEngine } from './conformance.ts';

describeEngine('vLLM over HTTP', async ({ folder, rows, queue, maxRank }) => {
  const vllm = await startEmulator({ folder, maxNumSeqs: rows, maxLoras: 8, maxLoraRank: maxRank });
  const engine = await openVllmEngine({ url: vllm.url, folder, rows, queue, maxRank });
  return {
    ...engine,
    close: async () => {
      await engine.close();
      await vllm.close();
    },
  };
});
