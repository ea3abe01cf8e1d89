import type { Logger } from 'pino';

/** What the scenario tells people. */
export type ScenarioLog = {
  /** A deed, told as it happened. */
  happened(say: string): void;
  /** A deed that the chain refused. */
  failed(say: string, reason: string): void;
  /** How far along, from 0 to 1. */
  progress(done: number, message: string): void;
};

/** Deeds of the history are many, and told at debug level; live ones are told as they happen. */
export function createScenarioLog(logger: Logger, deeds: 'debug' | 'info'): ScenarioLog {
  return {
    happened: (say) => logger[deeds](say),
    failed: (say, reason) => logger.warn({ reason }, `did not work out: ${say} (${reason})`),
    progress: (done, message) => logger.info({ progress: Number(done.toFixed(3)) }, message),
  };
}
