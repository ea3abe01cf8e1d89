/** `npm start`: the whole stack, until Ctrl-C. */
import { join } from 'node:path';
import { banner } from './banner.ts';
import { hasBots } from './bots-service.ts';
import { readStackConfig } from './config.ts';
import { firstLook, freeModel } from './first-look.ts';
import { createLog } from './log.ts';
import { personas } from './scenario/personas.ts';
import { startStack } from './stack.ts';
import { prepareStateDir } from './state-dir.ts';

async function main(): Promise<number> {
  const config = readStackConfig(process.env);
  prepareStateDir(config.stateDir);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const log = createLog({
    folder: join(config.stateDir, 'logs'),
    level: config.logLevel,
    quiet: ['indexer', 'api', 'worker', 'epochs'],
    print,
    color: process.stdout.isTTY === true,
  });

  const interruption = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!interruption.signal.aborted) print('\nStopping everything …');
      interruption.abort();
    });
  }

  const stack = await startStack({ ...config, log, signal: interruption.signal }).catch((error: unknown) => {
    if (interruption.signal.aborted) return undefined;
    throw error;
  });
  if (stack === undefined) return 0;
  print(
    banner({
      urls: stack.urls,
      manifest: stack.manifest,
      stateDir: config.stateDir,
      model: await freeModel(stack.urls.worker),
      bots: hasBots(config.bots ?? {}),
      people: config.scenario ? personas.map(({ name, address, does }) => [name, address, does] as const) : [],
    }),
  );
  print(await firstLook(stack.urls.api));
  print('Ctrl-C stops everything.\n');

  const failure = await Promise.race([stack.failed, interrupted]);
  if (failure !== undefined) process.stderr.write(`${failure.message}\nStopping everything …\n`);
  await stack.stop();
  print('Stopped. npm start goes on from here.');
  return failure === undefined ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
