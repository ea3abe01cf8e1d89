import { expect, test } from 'vitest';
import { fileOf, filesOf, readFileOf } from './files.ts';

const body = Uint8Array.from({ length: 1_000 }, (_, at) => at * at);
const kept = (files: ReturnType<typeof filesOf>) => {
  const by = new Map(files.map((file) => [file.hash, file.body]));
  return { by, read: async (hash: `0x${string}`) => by.get(hash) };
};

test('a file that is too large for one content is kept in pieces, and read as the whole', async () => {
  for (const most of [1, 300, 999, 1_000, 2_000]) {
    const files = filesOf('application/octet-stream', body, most);
    expect(files.length).toBe(most >= 1_000 ? 1 : Math.ceil(1_000 / most) + 1);
    expect(await readFileOf(kept(files).read, files.at(-1)!.hash, 'it')).toEqual(body);
  }
});

test('a piece that is missing, damaged, or another’s is named', async () => {
  const files = filesOf('application/octet-stream', body, 300);
  const { hash } = files.at(-1)!;
  const { by, read } = kept(files);
  by.set(files[1]!.hash, Uint8Array.of(1));
  await expect(readFileOf(read, hash, 'the store')).rejects.toThrow(/the store, part 2 of 4 \(0x.*\) is damaged/);
  by.delete(files[1]!.hash);
  await expect(readFileOf(read, hash, 'the store')).rejects.toThrow(/the store, part 2 of 4 \(0x.*\) is not kept/);

  const long = fileOf(
    'application/json',
    Buffer.from(Buffer.from(files.at(-1)!.body).toString().replace('1000', '999')),
  );
  const short = fileOf(
    'application/json',
    Buffer.from(Buffer.from(files.at(-1)!.body).toString().replace('1000', '1001')),
  );
  const all = kept([...files, long, short]).read;
  await expect(readFileOf(all, long.hash, 'it')).rejects.toThrow('more than the 999 bytes that it says');
  await expect(readFileOf(all, short.hash, 'it')).rejects.toThrow('has 1000 bytes, not the 1001');
  const list = fileOf('application/json', Buffer.from('{"parts":[1]}'));
  await expect(readFileOf(kept([list]).read, list.hash, 'it')).rejects.toThrow(/is no list of parts/);
});
