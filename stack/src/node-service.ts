import { startChild } from './child.ts';
import type { Log } from './log.ts';
import type { Service } from './service.ts';
import type { Watchdog } from './watchdog.ts';

/** What every child process of the stack is given. */
export type Shared = { env: Readonly<Record<string, string>>; log: Log; watchdog: Watchdog };

export type NodeServiceOptions = Shared & {
  name: string;
  file: string;
  cwd?: string;
  /** A URL that answers 200 once the service is ready. */
  probe: string;
  readyTimeoutMs?: number;
};

/** A server of ours as a process of its own. */
export function nodeService(options: NodeServiceOptions): Service {
  const { name, file, cwd, env, log, watchdog, probe, readyTimeoutMs = 60_000 } = options;
  return {
    name,
    start: (signal) =>
      startChild({
        name,
        file,
        ...(cwd === undefined ? {} : { cwd }),
        env,
        onLine: (line) => log.line(name, line),
        ready: () => isOk(probe),
        readyTimeoutMs,
        watchdog,
        signal,
      }),
  };
}

export async function isOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  return response.ok;
}
