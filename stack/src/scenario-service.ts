import { fileURLToPath } from 'node:url';
import { startChild } from './child.ts';
import type { Shared } from './node-service.ts';
import type { Run, Service } from './service.ts';

const file = fileURLToPath(new URL('./scenario/main.ts', import.meta.url));

export type ScenarioServiceOptions = Shared & { run: Run; signal: AbortSignal | undefined };

/** Plays the community. It counts as started once its history is played; if it fails the stack goes on, and says so. */
export async function runScenario({ env, log, watchdog, run, signal: givenUp }: ScenarioServiceOptions): Promise<void> {
  let historyPlayed = false;
  const service: Service = {
    name: 'scenario',
    mayFinish: true,
    start: (signal) =>
      startChild({
        name: 'scenario',
        file,
        env,
        onLine: (line) => {
          historyPlayed ||= /"progress":1[,}]/.test(line);
          log.line('scenario', line);
        },
        ready: async () => historyPlayed,
        readyTimeoutMs: 600_000,
        watchdog,
        signal,
      }),
  };
  try {
    await run(service);
  } catch (error) {
    if (givenUp?.aborted) throw error;
    log.write('scenario', 'error', `${error instanceof Error ? error.message : error} The stack goes on without it.`);
  }
}
