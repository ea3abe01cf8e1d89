import { expect, test } from 'vitest';
import { feedsOf, floatsOf, modelPath, referenceOf, relativeDifference } from '../../../../test/reference.ts';
import { readModelFile } from '../../../onnx/index.ts';
import { openEncoder } from '../encoder/index.ts';
import { faultOf } from './choose.ts';
import { openOn, openOnBest, probeEncoder } from './index.ts';

const model = await readModelFile(modelPath('bert', 'features'));

const open = async (providers: readonly string[]) => {
  const lines: string[] = [];
  const chosen = await openOnBest({
    providers,
    openOn: (provider) =>
      openEncoder({ model, capacity: 64, vocabSize: 128, rank: 2, open: openOn({ provider, threads: 1 }) }),
    probe: probeEncoder,
    log: (line) => lines.push(line),
  });
  await chosen.opened.close();
  return { provider: chosen.provider, lines };
};

test('providers are tried in turn, and the log says why one was left', async () => {
  const { provider, lines } = await open(['abacus', 'cpu']);
  expect(provider).toBe('cpu');
  expect(lines).toEqual([
    expect.stringMatching(/^Not on abacus: onnxruntime has no such provider on this system; it has cpu, /),
  ]);
});

test('an operator who asks for providers that are not there is told so, and not served by another', async () => {
  await expect(open(['abacus', 'slide-rule'])).rejects.toThrow(
    /^None of the providers that were asked for can be used: abacus: .*; slide-rule: /,
  );
});

test('a provider is left when it computes something else, or is slower than the CPU and nobody asked for it', () => {
  const cpu = { values: Float32Array.of(1, -10, 3), ms: 2 };
  expect(faultOf({ values: Float32Array.of(1.009, -10, 3), ms: 1 }, cpu, true)).toBeUndefined();
  expect(faultOf({ values: Float32Array.of(1.009, -10, 3), ms: 9 }, cpu, false)).toBeUndefined();
  expect(faultOf({ values: Float32Array.of(1, -10, 3), ms: 9 }, cpu, true)).toBe(
    'a step takes 9.0 ms, and 2.0 ms on the CPU',
  );
  expect(faultOf({ values: Float32Array.of(1, -9.5, 3), ms: 1 }, cpu, false)).toBe(
    "its values differ from the CPU's by 5.0e-2 of the largest; 0.001 is allowed",
  );
  expect(faultOf({ values: Float32Array.of(1, Number.NaN, 3), ms: 1 }, cpu, false)).toContain('differ');
  expect(faultOf({ values: Float32Array.of(1), ms: 1 }, cpu, false)).toContain('differ');
});

test('a model that is too large for one file is opened through several, and gives the same', async () => {
  const llama = await readModelFile(modelPath('llama', 'past'));
  const session = await openOn({ provider: 'cpu', threads: 1, inlineBytes: 0 })(llama);
  const { logits } = await session.run(feedsOf(llama, referenceOf('llama')));
  await session.release();
  const difference = relativeDifference(logits!.data as Float32Array, floatsOf(referenceOf('llama'), 'logits'));
  expect(difference).toBeLessThan(1e-5);
});
