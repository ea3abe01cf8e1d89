import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { ReaderGoneError } from './whileConnected.ts';
import { writeSlowly } from './writeSlowly.ts';

const part = 'x'.repeat(64 * 1024);

/** What comes of sending a lot to a client that does this with its connection. */
const sending = async (patience: number, client: (port: number) => Promise<void>) => {
  const written = Promise.withResolvers<number>();
  const server = createServer(async (_request, response: ServerResponse) => {
    let parts = 0;
    try {
      while (parts < 1_000) {
        await writeSlowly(response, part, patience);
        parts += 1;
      }
      response.end();
      written.resolve(parts);
    } catch (error) {
      written.reject(error);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const outcome = Promise.allSettled([written.promise]);
  await client((server.address() as AddressInfo).port);
  const [settled] = await outcome;
  server.close();
  return settled!;
};

const ask = (port: number) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  return socket;
};

test('a reader that takes nothing is cut off, and what could not be sent is not kept', async () => {
  const settled = await sending(100, async (port) => {
    const socket = ask(port);
    socket.pause();
    await once(socket, 'connect');
    // Longer than it is waited for.
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.resume();
    await once(socket, 'close');
  });
  expect(settled).toMatchObject({ status: 'rejected', reason: expect.any(ReaderGoneError) });
});

test('a reader that takes it, however slowly, gets all of it', async () => {
  let bytes = 0;
  const settled = await sending(20_000, async (port) => {
    const socket = ask(port);
    socket.on('data', (data) => {
      bytes += data.length;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    await once(socket, 'close');
  });
  expect(settled).toEqual({ status: 'fulfilled', value: 1_000 });
  expect(bytes).toBeGreaterThan(1_000 * part.length);
});

test('one that goes away is noticed', async () => {
  const settled = await sending(20_000, async (port) => {
    const socket = ask(port);
    await once(socket, 'data');
    socket.destroy();
  });
  expect(settled).toMatchObject({ status: 'rejected', reason: expect.any(ReaderGoneError) });
});
