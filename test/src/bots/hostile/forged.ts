import type { Place } from './place.ts';

/** Something that is posted by somebody who is not the platform, and the status that it gets. */
export type Forged = {
  readonly what: string;
  readonly status: number;
  readonly post: (place: Place) => { readonly headers: Readonly<Record<string, string>>; readonly body: string };
};

const json = { 'content-type': 'application/json' };
const now = () => Math.floor(Date.now() / 1_000);
const command = (name: string) =>
  JSON.stringify({
    ...{ id: '77', application_id: '900000000000000001', token: 'aW50', type: 2, version: 1, channel_id: '5999' },
    ...{ data: { id: '1', name, type: 1 }, user: { id: '999', username: 'x' } },
  });
const large = `"${'a'.repeat(2_000_000)}"`;

export const toDiscord: readonly Forged[] = [
  { what: 'without a signature', status: 401, post: () => ({ headers: json, body: command('forget') }) },
  {
    what: 'with a signature of nobody’s',
    status: 401,
    post: () => ({
      headers: { ...json, 'x-signature-ed25519': 'ab'.repeat(64), 'x-signature-timestamp': `${now()}` },
      body: command('forget'),
    }),
  },
  {
    what: 'with a signature that is none',
    status: 401,
    post: () => ({
      headers: { ...json, 'x-signature-ed25519': 'zz', 'x-signature-timestamp': 'yesterday' },
      body: command('forget'),
    }),
  },
  {
    what: 'with what was signed ten minutes ago',
    status: 401,
    post: ({ discord }) => ({ headers: discord.sign(command('forget'), now() - 600), body: command('forget') }),
  },
  {
    what: 'with what was signed for something else',
    status: 401,
    post: ({ discord }) => ({ headers: discord.sign(command('help'), now()), body: command('forget') }),
  },
  {
    what: 'with another time than was signed',
    status: 401,
    post: ({ discord }) => ({
      headers: { ...discord.sign(command('forget'), now() - 600), 'x-signature-timestamp': `${now()}` },
      body: command('forget'),
    }),
  },
  {
    what: 'too much at once',
    status: 413,
    post: ({ discord }) => ({ headers: discord.sign(large, now()), body: large }),
  },
  {
    what: 'signed, and no JSON',
    status: 400,
    post: ({ discord }) => ({ headers: discord.sign('{', now()), body: '{' }),
  },
  {
    what: 'signed, and no interaction',
    status: 202,
    post: ({ discord }) => ({ headers: discord.sign('{"type":2,"id":[]}', now()), body: '{"type":2,"id":[]}' }),
  },
  {
    what: 'signed, and nothing',
    status: 400,
    post: ({ discord }) => ({ headers: discord.sign('null', now()), body: 'null' }),
  },
];

const update = JSON.stringify({
  update_id: 5,
  message: { message_id: 1, from: { id: 999, first_name: 'x' }, chat: { id: 999, type: 'private' }, text: '/forget' },
});
const secret = (value: string) => ({ ...json, 'x-telegram-bot-api-secret-token': value });

export const toTelegram: readonly Forged[] = [
  { what: 'without the secret', status: 401, post: () => ({ headers: json, body: update }) },
  { what: 'with another secret', status: 401, post: () => ({ headers: secret('a-secret'), body: update }) },
  {
    what: 'too much at once',
    status: 413,
    post: ({ webhookSecret }) => ({ headers: secret(webhookSecret), body: large }),
  },
  { what: 'no JSON', status: 400, post: ({ webhookSecret }) => ({ headers: secret(webhookSecret), body: '{' }) },
  { what: 'no update', status: 400, post: ({ webhookSecret }) => ({ headers: secret(webhookSecret), body: '[]' }) },
  { what: 'nothing', status: 400, post: ({ webhookSecret }) => ({ headers: secret(webhookSecret), body: 'null' }) },
];
