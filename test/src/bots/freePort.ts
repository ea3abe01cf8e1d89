import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For what cannot be told to take any. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
