/** A part of the stack that is up and answering. */
export type Running = {
  /** Settles with the reason when it ends by itself; never rejects. */
  exited: Promise<string>;
  /** Ends it and everything it started. */
  stop(): Promise<void>;
};

/** A part of the stack: `start` resolves once it is ready to serve, and rejects with what a person should do if it cannot. */
export type Service = {
  name: string;
  start(signal: AbortSignal): Promise<Running>;
  /** A service that may come to an end: it is not started again after it ended well. */
  mayFinish?: boolean;
};

/** Starts a service and keeps it running. */
export type Run = (service: Service) => Promise<void>;

/** The reason of a service that ended because its work was done. */
export const finished = 'finished';
