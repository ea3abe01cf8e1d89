import type { Logger } from 'pino';

/** What the scenario tells people. */
export type ScenarioLog = {
  /** A deed, told as it happens. */
  happened(say: string): void;
  /** One of the many deeds of the history. */
  remembered(say: string): void;
  /** A deed that the chain refused. */
  failed(say: string, reason: string): void;
  /** How far along, from 0 to 1. */
  progress(done: number, message: string): void;
};

/** Deeds of the history are told at debug level; live ones are what people watch. */
export function createScenarioLog(logger: Logger): ScenarioLog {
  return {
    happened: (say) => logger.info(say),
    remembered: (say) => logger.debug(say),
    failed: (say, reason) => logger.warn({ reason }, `did not work out: ${say} (${reason})`),
    progress: (done, message) => logger.info({ progress: Number(done.toFixed(3)) }, message),
  };
}
