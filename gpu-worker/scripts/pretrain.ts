/**
 * `npm run -w gpu-worker pretrain [-- <folder>]`: makes the base's tokenizer and trains its weights, about an hour on two
 * cores. Ctrl-C stops it within a step; the same command goes on from there. `npm run -w gpu-worker export` comes next.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pretrain, shippedRecipe } from '../src/base/index.ts';
import { CorpusError } from '../src/corpus/index.ts';
import { FactoryError } from '../src/factory/index.ts';

const named = process.argv[2];
const folder = resolve(
  process.env.INIT_CWD ?? '.',
  named ?? resolve(import.meta.dirname, '../../.openledger/pretraining'),
);
const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => cancel.abort());
const say = (message: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${message}\n`);

try {
  await mkdir(folder, { recursive: true });
  const { ended, steps } = await pretrain({
    recipe: shippedRecipe,
    folder,
    say,
    signal: cancel.signal,
    onProgress: (progress) => {
      if (progress.kind === 'evaluation') {
        say(`step ${progress.step}: ${progress.loss.toFixed(4)} nats a token on the validation part`);
      } else if (progress.step % 20 === 0) {
        const { step, steps: all, loss, rate, norm, tokensPerSecond, secondsLeft } = progress;
        const left = `${Math.ceil(secondsLeft / 60)} min left`;
        const facts = `loss ${loss.toFixed(3)}, rate ${rate.toExponential(2)}, norm ${norm.toFixed(2)}`;
        say(`step ${step} of ${all}: ${facts}, ${Math.round(tokensPerSecond)} tokens/s, ${left}`);
      }
    },
  });
  say(
    ended === 'cancelled'
      ? `stopped at step ${steps}; the same command goes on from there`
      : `done after ${steps} steps; now: npm run -w gpu-worker export`,
  );
} catch (error) {
  if (!(error instanceof CorpusError || error instanceof FactoryError)) throw error;
  process.stderr.write(`pretrain: ${error.message}\n`);
  process.exitCode = 1;
}
