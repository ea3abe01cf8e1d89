import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createGuard } from '@openledger/protocol/network';
import { expect, test } from 'vitest';
import { adapterLimits } from '../../lora/index.ts';
import { createHttpSource } from './httpSource.ts';
import { fixtures, type StoreSettings, useStores } from './store.fixture.ts';

const { adapter, cacheDir, hashOf, opened, server } = useStores();

/** Why the plain adapter cannot be had from a path. */
const refusal = async (path: string, options: StoreSettings = {}): Promise<string> => {
  const store = await opened(options);
  const error = await store.acquire(adapter('plain', path)).then(
    () => 'It came',
    ({ message }) => message as string,
  );
  expect(await readdir(cacheDir())).toEqual([]);
  return error.replace('The adapter cannot be fetched: ', '');
};

test('a worker fetches from the public internet alone, unless its operator lets it', async () => {
  const store = await opened({ allowPrivate: false });
  const hash = hashOf('plain');
  const acquire = (uri: string) => store.acquire({ hash, uri });
  const { port } = new URL(server().origin);
  await expect(acquire(`http://127.0.0.1:${port}/plain`)).rejects.toThrow('127.0.0.1 is not on the public internet');
  await expect(acquire(`http://[::ffff:127.0.0.1]:${port}/plain`)).rejects.toThrow('is not on the public internet');
  await expect(acquire(`http://2130706433:${port}/plain`)).rejects.toThrow('127.0.0.1 is not on the public internet');
  await expect(acquire(`http://localhost:${port}/plain`)).rejects.toThrow(/localhost leads to .*, which is not on/);
  await expect(acquire('http://169.254.169.254/latest/meta-data')).rejects.toThrow('not on the public internet');
  expect(server().asked).toEqual([]);
});

test('a redirect is followed, though to no address that may not be asked', async () => {
  const { origin, instead } = server();
  const { port } = new URL(origin);
  const to = (location: string) => (_: unknown, response: ServerResponse) =>
    response.writeHead(302, { location }).end();
  instead.set('/moved/adapter_config.json', to('/plain/adapter_config.json'));
  instead.set('/moved/adapter_model.safetensors', to(`${origin}/plain/adapter_model.safetensors`));
  await (await opened()).acquire(adapter('plain', 'moved'));

  instead.set('/inside/', to(`http://127.0.0.2:${port}/plain/adapter_config.json`));
  const source = createHttpSource(
    new URL(`${origin}/inside`),
    createGuard((address) => address !== '127.0.0.2'),
  );
  const opening = source.open('adapter_config.json', { limit: 1e6, signal: new AbortController().signal });
  await expect(opening).rejects.toThrow('127.0.0.2 is not on the public internet');
});

test('redirects that lead nowhere are not followed', async () => {
  const { origin, instead } = server();
  instead.set('/round/', (_, response) => response.writeHead(307, { location: '/round/x' }).end());
  instead.set('/file/', (_, response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end());
  instead.set('/none/', (_, response) => response.writeHead(301).end());
  expect(await refusal('round')).toBe(`${origin}/round/ redirects more than 4 times`);
  expect(await refusal('file')).toBe(`${origin}/file/adapter_config.json redirects to file:`);
  expect(await refusal('none')).toBe(`${origin}/none/adapter_config.json redirects to nowhere`);
});

test('a file that says that it is too large is not read, and one that becomes too large no further', async () => {
  const limits = { ...adapterLimits, configBytes: 100_000, fileBytes: 50_000 };
  server().instead.set('/large/adapter_config', (_, response) => response.end('{}'));
  server().instead.set('/large/adapter_model', (_, response) => {
    response.writeHead(200, { 'content-length': '50001' });
    response.write('x');
  });
  server().instead.set('/endless/', (_, response) => {
    const more = (): void => void (response.destroyed || response.write(Buffer.alloc(10_000), more));
    more();
  });
  expect(await refusal('large', { limits })).toBe(
    'adapter_model.safetensors has 50001 bytes; at most 50000 are fetched',
  );
  expect(await refusal('endless', { limits })).toBe(
    'adapter_config.json has more than 100000 bytes, which is the most that is fetched',
  );
  expect(await refusal('endless', { diskBytes: 30_000 })).toBe('All that is fetched now has more than 30000 bytes');
});

test('a server that says nothing more is given up, and one that goes on saying a little', async () => {
  server().instead.set('/silent/', () => {});
  server().instead.set('/stalled/', (_, response) => response.write('{'));
  server().instead.set('/slow/', (_, response) => {
    const drip = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(drip));
  });
  expect(await refusal('silent', { stallMs: 100 })).toBe('No byte of adapter_config.json arrived for 0.1 s');
  expect(await refusal('stalled', { stallMs: 100 })).toBe('No byte of adapter_config.json arrived for 0.1 s');
  expect(await refusal('slow', { fetchMs: 200 })).toBe('The adapter did not arrive within 0.2 s');
});

test('a connection that breaks off is no whole file', async () => {
  server().instead.set('/broken/', (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{', () => response.destroy());
  });
  server().instead.set('/refused/', (request) => request.socket.destroy());
  expect(await refusal('broken')).toBe('adapter_config.json: aborted');
  expect(await refusal('refused')).toBe('adapter_config.json: socket hang up');
});

test('a query, as signed URLs have, goes with both files, and is in no error', async () => {
  const { origin, asked } = server();
  const store = await opened();
  const hash = hashOf('plain');
  await store.acquire({ hash, uri: `${origin}/plain?signature=secret` });
  expect(asked).toEqual([
    '/plain/adapter_config.json?signature=secret',
    '/plain/adapter_model.safetensors?signature=secret',
  ]);
  const nowhere = store.acquire({
    hash: hashOf('rslora'),
    uri: `${origin.replace('//', '//user:secret@')}/none?signature=secret`,
  });
  await expect(nowhere).rejects.toThrow(/^The adapter cannot be fetched: (?!.*secret)/);
});

test('a folder of this machine is read where the operator lets it, and nothing but files in it', async () => {
  const store = await opened({ allowFiles: true });
  const hash = hashOf('plain');
  await store.acquire({ hash, uri: pathToFileURL(join(fixtures, 'plain')).href });
  const other = { hash: hashOf('rslora') };
  await expect(store.acquire({ ...other, uri: 'file:///dev/null' })).rejects.toThrow('cannot be read: ENOTDIR');
  await expect(store.acquire({ ...other, uri: 'file://elsewhere/share' })).rejects.toThrow('no folder of this machine');
});

test.each([
  'ipfs://bafy',
  'not a uri',
  '',
  'openledger:content/0x12',
  `https://x.example/${'x'.repeat(3000)}`,
])('a URI that leads nowhere is refused with words: %s', async (uri) => {
  const store = await opened();
  await expect(store.acquire({ hash: hashOf('plain'), uri })).rejects.toThrow(
    /An adapter's URI is https|has 30\d\d characters/,
  );
});
