import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';
import { finished, type Running, type Service } from './service.ts';

export type Supervisor = {
  /** Starts a service, waits until it is ready, and keeps it running from then on. */
  run(service: Service): Promise<void>;
  /** Resolves with the reason when a service cannot be kept running. */
  failed: Promise<Error>;
  /** Stops every service, the youngest first. */
  stop(): Promise<void>;
};

export type SupervisorOptions = {
  log: Log;
  /** A service that ended this often within `restartWindowMs` is given up. */
  maxRestarts?: number;
  restartWindowMs?: number;
  restartDelayMs?: number;
};

export function createSupervisor({
  log,
  maxRestarts = 5,
  restartWindowMs = 120_000,
  restartDelayMs = 1_000,
}: SupervisorOptions): Supervisor {
  const stopping = new AbortController();
  const order: string[] = [];
  const running = new Map<string, Running>();
  let giveUp: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    giveUp = resolve;
  });

  const keep = async (service: Service, first: Running) => {
    const restarts: number[] = [];
    let current = first;
    while (!stopping.signal.aborted) {
      running.set(service.name, current);
      const reason = await current.exited;
      running.delete(service.name);
      if (stopping.signal.aborted || (service.mayFinish && reason === finished)) return;

      const now = Date.now();
      restarts.push(now);
      const recent = restarts.filter((time) => now - time < restartWindowMs).length;
      if (recent > maxRestarts) {
        giveUp(new Error(`${service.name} ${reason} ${recent} times within ${restartWindowMs / 1_000} s.`));
        return;
      }
      log.write(service.name, 'warn', `${service.name} ${reason}; starting it again (${recent} of ${maxRestarts})`);
      await sleep(restartDelayMs * recent, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      try {
        current = await service.start(stopping.signal);
        log.write(service.name, 'info', `${service.name} is running again`);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log.write(service.name, 'error', message);
        current = { exited: Promise.resolve('could not be started again'), stop: async () => {} };
      }
    }
    await current.stop();
  };

  return {
    failed,
    async run(service) {
      stopping.signal.throwIfAborted();
      const first = await service.start(stopping.signal);
      order.push(service.name);
      running.set(service.name, first);
      void keep(service, first).catch((error) => giveUp(error instanceof Error ? error : new Error(String(error))));
    },
    async stop() {
      stopping.abort();
      for (const name of order.toReversed()) {
        await running
          .get(name)
          ?.stop()
          .catch((error) => log.write(name, 'error', `did not stop cleanly: ${error.message}`));
      }
    },
  };
}
