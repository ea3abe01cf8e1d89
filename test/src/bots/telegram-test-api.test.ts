import { createClient, telegramUpdate } from '@openledger/bots/telegram';
import library from 'telegram-test-api';
import { expect, it } from 'vitest';
import { startTelegram } from '../emulators/telegram/telegram.ts';
import { freePort } from './freePort.ts';

/** Its types say that the class is within the module; it is the module. */
const TelegramServer = library as unknown as typeof library.default;

/** A Bot API: what people do there, and what they see. */
type Platform = {
  readonly url: string;
  readonly token: string;
  readonly say: (text: string) => Promise<unknown>;
  readonly press: (button: string) => Promise<unknown>;
  readonly seen: () => readonly { readonly text: string; readonly buttons: readonly object[] }[];
  readonly close: () => Promise<unknown>;
};

const ann = { id: 101, first_name: 'Ann', username: 'ann' };

const ours = async (): Promise<Platform> => {
  const telegram = await startTelegram();
  return {
    url: telegram.url,
    token: telegram.token,
    say: async (text) => telegram.say(ann, text),
    press: async (button) => telegram.press(ann, button),
    seen: () => telegram.shown.map(({ text, buttons }) => ({ text, buttons })),
    close: telegram.close,
  };
};

/** Somebody else's, of which we know no more than what it publishes. */
const theirs = async (): Promise<Platform> => {
  const server = new TelegramServer({ host: '127.0.0.1', port: await freePort() });
  await server.start();
  const token = '123456:emulated-token-of-thirty-five-letters';
  const { id: userId, first_name: firstName, username: userName } = ann;
  const client = server.getClient(token, { userId, chatId: userId, firstName, userName, type: 'private' });
  const markupOf = (given: unknown): { readonly inline_keyboard?: readonly (readonly object[])[] } =>
    typeof given === 'string' ? JSON.parse(given) : (given ?? {});
  const seen = () =>
    server.storage.botMessages.map(({ message }) => ({
      text: `${message.text}`,
      buttons: markupOf(message.reply_markup).inline_keyboard?.flat() ?? [],
    }));
  return {
    url: server.config.apiURL,
    token,
    say: (text) =>
      client[text.startsWith('/') ? 'sendCommand' : 'sendMessage'](
        client[text.startsWith('/') ? 'makeCommand' : 'makeMessage'](text),
      ),
    press: async (label) => {
      const at = server.storage.botMessages.findLastIndex(({ message }) => `${message.text}` !== '');
      const { message, messageId } = server.storage.botMessages[at]!;
      const button = seen()[at]!.buttons.find((each) => 'text' in each && each.text === label);
      const { callback_data: data } = button as { callback_data: string };
      const chat = { id: userId, first_name: firstName, type: 'private' } as const;
      return client.sendCallback(
        client.makeCallbackQuery(data, { message: { message_id: messageId, chat, date: 0, text: `${message.text}` } }),
      );
    },
    seen,
    close: () => server.stop(),
  };
};

/** The same conversation, by the client that the bot has; ids and times are each platform's own. */
const talk = async (platform: Platform) => {
  const client = createClient({ token: platform.token, apiRoot: platform.url });
  const heard: object[] = [];
  let offset = 0;
  const listen = async () => {
    for (let left = 50; left > 0; left--) {
      const updates = await client.updates(offset, new AbortController().signal);
      for (const update of updates) {
        const { update_id, message, callback_query: pressed } = telegramUpdate.parse(update);
        offset = update_id + 1;
        heard.push({
          text: message?.text,
          from: (message ?? pressed)?.from?.id,
          chat: (message ?? pressed?.message)?.chat,
          data: pressed?.data,
          below: pressed?.message?.text,
        });
        if (pressed !== undefined) await client.acknowledge(pressed.id);
      }
      if (updates.length > 0) return;
    }
    throw new Error('nothing is heard');
  };
  try {
    expect((await client.me()).username).toMatch(/bot$/i);
    await client.setWebhook(undefined);
    await platform.say('/help');
    await listen();
    const press = { text: 'More', callback_data: 'datanets|list|2' };
    const sent = await client.send(ann.id, { kind: 'text', html: 'Datanets', keyboard: [[press]] });
    await platform.press('More');
    await listen();
    const link = { text: 'Open the page', url: 'https://api.example/claim' };
    expect(await client.edit(sent, { kind: 'text', html: 'No more of them', keyboard: [[link]] })).toBe(true);
    await platform.say('thank you');
    await listen();
    await client.send(ann.id, { kind: 'text', html: 'You are welcome', keyboard: [] });
    return { heard, seen: platform.seen() };
  } finally {
    await platform.close();
  }
};

it('a conversation is the same at our Bot API and at one that somebody else made', async () => {
  const [here, there] = [await talk(await ours()), await talk(await theirs())];
  expect(here).toEqual(there);
  expect(here.seen).toEqual([
    { text: 'No more of them', buttons: [{ text: 'Open the page', url: 'https://api.example/claim' }] },
    { text: 'You are welcome', buttons: [] },
  ]);
}, 60_000);
