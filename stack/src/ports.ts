import { createServer } from 'node:net';

export class PortBusyError extends Error {
  override readonly name = 'PortBusyError';
}

/**
 * Resolves to `port` when it is free on 127.0.0.1, or to a free one for 0.
 * @throws PortBusyError naming the variable to change.
 */
export function claimPort(port: number, variable: string, purpose: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PortBusyError(
              `Port ${port}, meant for ${purpose}, is taken by another program. Stop that program, or choose another port: ${variable}=${port + 1} npm start`,
            )
          : error,
      );
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(got));
    });
  });
}
