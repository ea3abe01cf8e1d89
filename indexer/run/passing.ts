import { RpcFault } from '../rpc/index.ts';

/** Of the driver (`CONNECTION_CLOSED`) and of Postgres: connections lost (08), no resources (53), shut down (57P). */
const lostConnection = /^(CONNECTION_|ECONN|EPIPE$|ETIMEDOUT$|08|53|57P)/;

/** Whether an error is one of the outside world, which another start may not meet: silent nodes, a lost connection. */
export const mayPass = (error: unknown): error is Error => {
  if (error instanceof RpcFault) return true;
  return error instanceof Error && 'code' in error && lostConnection.test(String(error.code));
};
