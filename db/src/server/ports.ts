import { portIfFree } from '@openledger/protocol/chain';

/** A TCP port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const port = await portIfFree(0);
  if (port === undefined) throw new Error('No TCP port of 127.0.0.1 is free.');
  return port;
}

/** Whether nobody listens on this port of 127.0.0.1 now. */
export const isFree = async (port: number): Promise<boolean> => (await portIfFree(port)) !== undefined;
