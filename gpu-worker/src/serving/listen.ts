import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Door } from './door/index.ts';
import { StartError } from './startError.ts';

export type Listening = {
  /** Without a slash at the end. */
  readonly url: string;
  /** Takes no more connections, lets answers under way end, and cuts what is left after so many milliseconds. */
  readonly close: (patience: number) => Promise<void>;
};

/** @throws StartError for a port that is taken or a host that is not this machine's. */
export const listen = async (app: Hono<Door>, { host, port }: { host: string; port: number }): Promise<Listening> => {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 15_000;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'another process listens there already. Stop it, or set WORKER_PORT to another port'
          : `${error.message}. Set WORKER_HOST to an address of this machine`;
      reject(new StartError(`Cannot listen on ${host}:${port}: ${why}.`));
    });
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: async (patience) => {
      const closed = new Promise((resolve) => server.close(resolve));
      const closeIdle = () => {
        server.closeIdleConnections();
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      };
      const closing = setInterval(closeIdle, 50);
      const cutting = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, patience);
      closeIdle();
      await closed;
      clearInterval(closing);
      clearTimeout(cutting);
    },
  };
};
