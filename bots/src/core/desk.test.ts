import { expect, test } from 'vitest';
import { ApiError, UnreachableError } from './api/client.ts';
import type { Command, Replies } from './command.ts';
import type { Context } from './context.ts';
import { type Asked, createDesk } from './desk.ts';
import { linked } from './guards/linked.ts';
import { text } from './message.ts';
import { textsFor } from './texts/index.ts';

const context = (wallet?: object): Context =>
  ({
    texts: textsFor('en'),
    person: { platform: 'terminal', id: '1', name: 'ann', locale: 'en' },
    place: { kind: 'private', id: '1', mayManage: true },
    limits: { take: async () => 0 },
    wallet: async () => wallet,
    signal: new AbortController().signal,
  }) as unknown as Context;
const command = (run: () => Replies, guards: Command['guards'] = []): Command => ({
  name: 'try',
  fields: [],
  guards,
  run,
});
const said = async (commands: readonly Command[], asked: Partial<Asked> = {}, wallet?: object) => {
  const troubles: unknown[] = [];
  const desk = createDesk({ commands, onTrouble: (error) => troubles.push(error) });
  const replies = desk.answer(context(wallet), { kind: 'command', name: 'try', input: {}, ...asked } as Asked);
  return { said: (await Array.fromAsync(replies)).map((reply) => JSON.stringify(reply)).join(), troubles };
};
const saying = (words: string) =>
  async function* (): Replies {
    yield { message: { blocks: [text(words)], isPrivate: true } };
  };
const failing = (error: Error) =>
  // biome-ignore lint/correctness/useYield: it fails before it says anything
  async function* (): Replies {
    throw error;
  };

test('a guard refuses in words, and lets through who may', async () => {
  const commands = [command(saying('done'), [linked])];
  expect((await said(commands)).said).toContain('link yours with /link');
  expect((await said(commands, {}, { account: '0x' })).said).toContain('done');
});

test('what the API refuses is said in its own words; what nobody can help is said as that, and told to the operator', async () => {
  const refused = await said([command(failing(new ApiError('The datanet is paused.', 'CONFLICT')))]);
  expect(refused).toEqual({ said: expect.stringContaining('The datanet is paused.'), troubles: [] });
  const unreachable = await said([command(failing(new UnreachableError('no answer')))]);
  expect(unreachable).toEqual({ said: expect.stringContaining('did not work just now'), troubles: [] });
  const broken = new TypeError('secret of ours');
  const failed = await said([command(failing(broken))]);
  expect(failed.troubles).toEqual([broken]);
  expect(failed.said).not.toContain('secret');
});

test('a button that is too old, or of nobody’s making, and a command that there is not are answered too', async () => {
  const press = { command: 'try', action: 'gone', args: [] };
  expect((await said([command(saying('x'))], { kind: 'press', press })).said).toContain('too old');
  expect((await said([], { kind: 'command', name: 'nothing' })).said).toContain('I read commands');
});
