import { portIfFree } from '@openledger/protocol/chain';

export class PortBusyError extends Error {
  override readonly name = 'PortBusyError';
}

/**
 * Resolves to `port` when it is free on 127.0.0.1, or to a free one for 0.
 * @throws PortBusyError naming the variable to change.
 */
export async function claimPort(port: number, variable: string, purpose: string): Promise<number> {
  const got = await portIfFree(port);
  if (got !== undefined) return got;
  throw new PortBusyError(
    `Port ${port}, meant for ${purpose}, is taken by another program. Stop that program, or choose another port: ${variable}=${port + 1} npm start`,
  );
}
