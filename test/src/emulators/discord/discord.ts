import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { z } from 'zod';
import * as bodies from './bodies.ts';
import { startGateway } from './gateway.ts';
import { buttonsOf, namedFiles, type ShownButton, textOf } from './reading.ts';
import { RefusedError } from './refused.ts';
import { createRoles, type Roles } from './roles.ts';

export type DiscordUser = { readonly id: string; readonly username: string; readonly locale?: string };
type Message = z.output<typeof bodies.message>;
type Modal = z.output<typeof bodies.modal>;

/** A message of the bot's as people see it now. */
export type Shown = {
  readonly id: string;
  /** Whom it is for where only one person sees it. */
  readonly onlyFor: string | undefined;
  readonly channelId: string;
  body: Message;
  /** What a person reads, whatever the message is made of. */
  readonly text: string;
  readonly buttons: readonly ShownButton[];
  files: readonly { readonly name: string; readonly size: number }[];
  edits: number;
};

const shownOf = (message: Omit<Shown, 'text' | 'buttons'>): Shown => ({
  ...message,
  get text() {
    return textOf(this.body);
  },
  get buttons() {
    return buttonsOf(this.body);
  },
});

/** What became of an interaction. */
type Sent = {
  readonly id: string;
  readonly token: string;
  readonly user: DiscordUser;
  readonly channelId: string;
  readonly guildId: string | undefined;
  at: number;
  readonly message: Shown | undefined;
  /** Milliseconds until the first answer. */
  acknowledgedAfter: number | undefined;
  original: Shown | undefined;
  modal: Modal | undefined;
  choices: readonly { name: string; value: string }[] | undefined;
};

export type Where = {
  readonly channelId?: string;
  readonly guildId?: string | undefined;
  readonly permissions?: string;
};

/** Discord for one application: REST, gateway and signed interactions, with the limits of the real one. */
export type DiscordEmulator = {
  readonly apiRoot: string;
  readonly token: string;
  readonly applicationId: string;
  readonly publicKey: string;
  readonly clientSecret: string;
  readonly roles: Omit<Roles, 'answer'>;
  readonly shown: readonly Shown[];
  readonly interactions: readonly Sent[];
  readonly refused: readonly { readonly path: string; readonly status: number; readonly why: string }[];
  readonly commands: () => z.output<typeof bodies.commands>;
  /** Shards that are connected, or were. */
  readonly identified: readonly (readonly [id: number, count: number])[];
  readonly resumed: () => number;
  /** Breaks the gateway's connections. */
  readonly drop: () => void;
  /** Where interactions are posted to; over the gateway without it. */
  readonly postTo: (url: string | undefined) => void;
  readonly command: (
    from: DiscordUser,
    name: string,
    options?: Readonly<Record<string, string | Uint8Array>>,
    where?: Where,
  ) => Sent;
  readonly point: (
    from: DiscordUser,
    message: { author: DiscordUser; content: string; file?: Uint8Array },
    where?: Where,
  ) => Sent;
  readonly type: (from: DiscordUser, name: string, option: string, typed: string) => Sent;
  readonly press: (from: DiscordUser, label: string | RegExp, where?: Where) => Sent;
  readonly fill: (from: DiscordUser, opened: Sent, values: Readonly<Record<string, string | Uint8Array>>) => Sent;
  /** Any interaction at all, also such as no app of Discord's sends. */
  readonly interact: (from: DiscordUser, type: number, data: object, where?: Where, message?: Shown) => Sent;
  /** What Discord signs a body with. @param at Unix seconds */
  readonly sign: (body: string, at: number) => Readonly<Record<string, string>>;
  /** Where a file of somebody's lies. @returns its address */
  readonly host: (name: string, body: Uint8Array) => string;
  /** Sends an interaction again, as a connection that broke does. */
  readonly again: (sent: Sent) => void;
  readonly close: () => Promise<void>;
};

const ephemeral = 64;
const components = 32_768;
const firstAnswer = 3_000;
const tokenLasts = 15 * 60_000;

export type EmulatorOptions = {
  /** How many shards Discord wants a bot to have. */
  readonly shards?: number;
};

export const startDiscord = async ({ shards = 1 }: EmulatorOptions = {}): Promise<DiscordEmulator> => {
  const token = `${Buffer.from('900000000000000001').toString('base64')}.emulated.token`;
  const applicationId = '900000000000000001';
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const shown: Shown[] = [];
  const interactions: Sent[] = [];
  const payloads = new Map<string, object>();
  const refused: { path: string; status: number; why: string }[] = [];
  const files = new Map<string, Uint8Array>();
  const clientSecret = 'emulated-client-secret';
  let commands: z.output<typeof bodies.commands> = [];
  let lastId = 910_000_000_000_000_000n;
  let postUrl: string | undefined;
  const newId = (): string => `${++lastId}`;

  const check = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new RefusedError(400, 50_035, `Invalid Form Body: ${issue!.path.join('.')}: ${issue!.message}`);
  };
  const roles = createRoles({
    applicationId,
    clientSecret,
    check: (schema, body) => check(schema, body),
    isBot: (authorization) => authorization === `Bot ${token}`,
  });
  /** Files that a message has from now on: those that it names. */
  const filesOf = (body: Message, attached: readonly File[]): Shown['files'] => {
    const named = new Set(body.attachments?.map(({ filename }) => filename) ?? attached.map(({ name }) => name));
    const missing = [...namedFiles(body), ...[...named].map((name) => `attachment://${name}`)].find(
      (url) => url.startsWith('attachment://') && !attached.some(({ name }) => url === `attachment://${name}`),
    );
    if (missing !== undefined) throw new RefusedError(400, 50_035, `Invalid Form Body: ${missing}: Unknown attachment`);
    return attached.filter(({ name }) => named.has(name)).map(({ name, size }) => ({ name, size }));
  };
  const put = (sent: Pick<Sent, 'channelId' | 'user'>, body: Message, attached: readonly File[]): Shown => {
    const message = shownOf({
      id: newId(),
      onlyFor: ((body.flags ?? 0) & 64) === 0 ? undefined : sent.user.id,
      channelId: sent.channelId,
      body,
      files: filesOf(body, attached),
      edits: 0,
    });
    shown.push(message);
    return message;
  };
  const known = (id: string, interactionToken: string): Sent => {
    const sent = interactions.find((each) => each.id === id && each.token === interactionToken);
    if (sent === undefined || Date.now() - sent.at > tokenLasts)
      throw new RefusedError(404, 10_062, 'Unknown interaction');
    return sent;
  };
  const acknowledge = (sent: Sent, value: unknown, attached: readonly File[]): void => {
    if (sent.acknowledgedAfter !== undefined)
      throw new RefusedError(400, 40_060, 'Interaction has already been acknowledged.');
    if (Date.now() - sent.at > firstAnswer) throw new RefusedError(404, 10_062, 'Unknown interaction');
    const answer = check(bodies.response, value);
    sent.acknowledgedAfter = Date.now() - sent.at;
    if (answer.type === 4) sent.original = put(sent, answer.data, attached);
    if (answer.type === 5) {
      const body: Message = { flags: answer.data?.flags ?? 0, allowed_mentions: { parse: [] } };
      sent.original = shownOf({
        id: newId(),
        onlyFor: body.flags === 64 ? sent.user.id : undefined,
        channelId: sent.channelId,
        body,
        files: [],
        edits: 0,
      });
    }
    if (answer.type === 6) sent.original = sent.message;
    if (answer.type === 7) {
      sent.original = sent.message;
      edit(sent.message!, answer.data, attached);
    }
    if (answer.type === 8) sent.choices = answer.data.choices;
    if (answer.type === 9) sent.modal = answer.data;
  };
  const edit = (message: Shown, body: Message, attached: readonly File[]): void => {
    // Components once, components for ever; and whom it is for stays.
    const own = (message.body.flags ?? 0) & (components | ephemeral);
    const flags = (body.flags ?? 0) & components;
    if (own & components && body.content !== undefined)
      throw new RefusedError(400, 50_035, 'Invalid Form Body: content');
    const files = filesOf(body, attached);
    if (!shown.includes(message)) shown.push(message);
    Object.assign(message, { body: { ...body, flags: own | flags }, files, edits: message.edits + 1 });
  };

  const route = async (request: IncomingMessage, body: unknown, attached: readonly File[]): Promise<unknown> => {
    const path = new URL(request.url!, 'http://discord').pathname.replace(/^\/v10/, '');
    const key = `${request.method} ${path}`;
    const isOurs = request.headers.authorization === `Bot ${token}`;
    const own = (): void => {
      if (!isOurs) throw new RefusedError(401, 0, '401: Unauthorized');
    };
    if (key === 'GET /gateway/bot') {
      own();
      const limit = { total: 1_000, remaining: 999, reset_after: 0, max_concurrency: 16 };
      return { url: `ws://127.0.0.1:${port}`, shards, session_start_limit: limit };
    }
    const ofRoles = roles.answer({ key, authorization: request.headers.authorization, body });
    if (ofRoles !== undefined) return ofRoles.value;
    if (key === `PUT /applications/${applicationId}/commands`) {
      own();
      commands = check(bodies.commands, body);
      return commands;
    }
    const [, id, first] = /^POST \/interactions\/(\d+)\/([\w-]+)\/callback$/.exec(key) ?? [];
    if (id !== undefined) return acknowledge(known(id, first!), body, attached);
    const [, verb, given, original] =
      /^(PATCH|POST) \/webhooks\/\d+\/([\w-]+)(\/messages\/@original)?$/.exec(key) ?? [];
    if (verb !== undefined) {
      const sent = interactions.find((each) => each.token === given);
      if (sent === undefined || Date.now() - sent.at > tokenLasts)
        throw new RefusedError(401, 50_027, 'Invalid Webhook Token');
      if (sent.acknowledgedAfter === undefined) throw new RefusedError(404, 10_015, 'Unknown Webhook');
      const said = check(bodies.message, body);
      if (original === undefined) return { id: put(sent, said, attached).id };
      if (sent.original === undefined) throw new RefusedError(404, 10_008, 'Unknown Message');
      edit(sent.original, said, attached);
      return { id: sent.original.id };
    }
    if (key === 'POST /users/@me/channels') {
      own();
      return { id: `5${(body as { recipient_id: string }).recipient_id}` };
    }
    const [, channelId] = /^POST \/channels\/(\d+)\/messages$/.exec(key) ?? [];
    if (channelId !== undefined) {
      own();
      const user = { id: channelId.slice(1), username: '' };
      return { id: put({ channelId, user }, check(bodies.message, body), attached).id };
    }
    throw new RefusedError(404, 0, '404: Not Found');
  };

  const readBody = async (request: IncomingMessage): Promise<{ body: unknown; attached: readonly File[] }> => {
    const raw = await buffer(request);
    const type = request.headers['content-type'] ?? '';
    if (raw.length === 0) return { body: undefined, attached: [] };
    if (type.startsWith('application/x-www-form-urlencoded')) {
      return { body: new URLSearchParams(raw.toString()), attached: [] };
    }
    if (!type.startsWith('multipart/form-data')) return { body: JSON.parse(raw.toString()), attached: [] };
    return readForm(raw, type);
  };
  const readForm = async (raw: Uint8Array, type: string) => {
    const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
    const attached = [...form.values()].filter((value): value is File => value instanceof File);
    return { body: JSON.parse(String(form.get('payload_json'))), attached };
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const file = files.get(path);
    if (file !== undefined) return void response.writeHead(200).end(file);
    const { body, attached } = await readBody(request);
    const answer = (status: number, value: unknown) => {
      if (status === 204) return void response.writeHead(204).end();
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    try {
      const value = await route(request, body, attached);
      answer(value === undefined ? 204 : 200, value);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refused.push({ path: `${request.method} ${path}`, status: error.status, why: error.message });
      answer(error.status, { message: error.message, code: error.code });
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      response.writeHead(500).end(JSON.stringify({ message: String(error), code: 0 })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const gateway = startGateway({
    server,
    token,
    applicationId,
    shards,
    url: () => `ws://127.0.0.1:${port}`,
    // Counted from then on, unlike at the real one: how long networks take is not what a bot is measured by.
    onLate: (data) => {
      const sent = interactions.find(({ id }) => id === (data as { readonly id?: string }).id);
      if (sent !== undefined) sent.at = Date.now();
    },
  });

  const signed = (body: string, at: number) => ({
    'content-type': 'application/json',
    'x-signature-ed25519': sign(null, Buffer.from(`${at}${body}`), privateKey).toString('hex'),
    'x-signature-timestamp': `${at}`,
  });
  const deliver = (sent: Sent): void => {
    const payload = payloads.get(sent.id)!;
    if (postUrl === undefined) gateway.tell('INTERACTION_CREATE', payload, sent.guildId);
    else post(sent, postUrl, payload);
  };
  const post = (sent: Sent, url: string, payload: object): void => {
    const body = JSON.stringify(payload);
    const headers = signed(body, Math.floor(Date.now() / 1_000));
    void fetch(url, { method: 'POST', headers, body }).then(async (response) => {
      if (response.status !== 200) return;
      const type = response.headers.get('content-type') ?? '';
      const raw = new Uint8Array(await response.arrayBuffer());
      try {
        const read = type.startsWith('multipart')
          ? await readForm(raw, type)
          : { body: JSON.parse(Buffer.from(raw).toString()), attached: [] };
        acknowledge(sent, read.body, read.attached);
      } catch (error) {
        refused.push({ path: 'the answer to an interaction', status: 400, why: (error as Error).message });
      }
    });
  };
  const attach = (name: string, body: Uint8Array) => {
    const id = newId();
    const path = `/attachments/${id}/${name}`;
    files.set(path, body);
    return {
      id,
      filename: `${name}.jsonl`,
      size: body.length,
      url: `http://127.0.0.1:${port}${path}`,
      proxy_url: `http://127.0.0.1:${port}${path}`,
      content_type: 'application/jsonl',
    };
  };
  const begin = (
    user: DiscordUser,
    type: number,
    data: object,
    { channelId = `5${user.id}`, guildId, permissions = '0' }: Where = {},
    message?: Shown,
  ): Sent => {
    const sent: Sent = {
      id: newId(),
      token: `aW50ZXJhY3Rpb24${newId()}`,
      user,
      channelId,
      guildId,
      at: Date.now(),
      message,
      acknowledgedAfter: undefined,
      original: undefined,
      modal: undefined,
      choices: undefined,
    };
    const about = { id: user.id, username: user.username, global_name: null, discriminator: '0', avatar: null };
    payloads.set(sent.id, {
      ...{
        id: sent.id,
        application_id: applicationId,
        token: sent.token,
        type,
        version: 1,
        locale: user.locale ?? 'en-US',
        channel_id: channelId,
        data,
        channel: { id: channelId, type: guildId === undefined ? 1 : 0 },
        app_permissions: '0',
        entitlements: [],
        authorizing_integration_owners: { 0: guildId ?? '0' },
        context: guildId === undefined ? 1 : 0,
        attachment_size_limit: 10_485_760,
      },
      ...(guildId === undefined
        ? { user: about }
        : {
            guild_id: guildId,
            member: {
              user: about,
              permissions,
              roles: [],
              joined_at: new Date().toISOString(),
              flags: 0,
              deaf: false,
              mute: false,
            },
          }),
      ...(message && {
        message: {
          id: message.id,
          channel_id: channelId,
          type: 0,
          timestamp: new Date().toISOString(),
          edited_timestamp: null,
          tts: false,
          mention_everyone: false,
          pinned: false,
          mentions: [],
          mention_roles: [],
          attachments: [],
          embeds: [],
          components: [],
          content: '',
          flags: message.body.flags ?? 0,
          author: {
            id: applicationId,
            username: 'openledger',
            discriminator: '0',
            avatar: null,
            global_name: null,
            bot: true,
          },
        },
      }),
    });
    interactions.push(sent);
    deliver(sent);
    return sent;
  };

  return {
    apiRoot: `http://127.0.0.1:${port}`,
    token,
    applicationId,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'),
    shown,
    interactions,
    refused,
    commands: () => commands,
    clientSecret,
    roles,
    identified: gateway.identified,
    resumed: gateway.resumed,
    drop: gateway.drop,
    postTo: (url) => {
      postUrl = url;
    },
    command: (from, name, options = {}, where) => {
      const attachments: Record<string, object> = {};
      const given = Object.entries(options).map(([option, value]) => {
        if (typeof value === 'string') return { name: option, type: 3, value };
        const attachment = attach(option, value);
        attachments[attachment.id] = attachment;
        return { name: option, type: 11, value: attachment.id };
      });
      return begin(from, 2, { id: '1', name, type: 1, options: given, resolved: { attachments } }, where);
    },
    point: (from, { author, content, file }, where) => {
      const id = newId();
      const attachments = file === undefined ? [] : [attach('file', file)];
      const messages = { [id]: { id, content, author: { id: author.id, username: author.username }, attachments } };
      return begin(
        from,
        2,
        { id: '2', name: 'Contribute this', type: 3, target_id: id, resolved: { messages } },
        where,
      );
    },
    type: (from, name, option, typed) =>
      begin(from, 4, { id: '1', name, type: 1, options: [{ name: option, type: 3, value: typed, focused: true }] }),
    press: (from, label, where) => {
      const fits = ({ label: written, customId }: ShownButton) =>
        customId !== undefined && (typeof label === 'string' ? written === label : label.test(written));
      const message = shown.findLast(({ buttons, onlyFor }) => (onlyFor ?? from.id) === from.id && buttons.some(fits));
      const button = message?.buttons.find(fits);
      if (message === undefined || button === undefined)
        throw new Error(`No button ${label} in ${JSON.stringify(shown.slice(-2))}`);
      return begin(
        from,
        3,
        { custom_id: button.customId, component_type: 2 },
        { channelId: message.channelId, ...where },
        message,
      );
    },
    fill: (from, { modal, channelId, guildId }, values) => {
      const attachments: Record<string, object> = {};
      const components = modal!.components.map(({ component: { type, custom_id: id, required } }) => {
        const value = values[id] ?? '';
        // Discord hands no dialog in while something that it asks for is missing.
        if (required && value.length === 0) throw new Error(`${id} is missing`);
        if (type === 4) return { type: 18, id: 1, component: { type, id: 2, custom_id: id, value } };
        if (typeof value !== 'string') {
          const attachment = attach(id, value);
          attachments[attachment.id] = attachment;
          return { type: 18, id: 1, component: { type, id: 2, custom_id: id, values: [attachment.id] } };
        }
        return { type: 18, id: 1, component: { type, id: 2, custom_id: id, values: value === '' ? [] : [value] } };
      });
      const data = { custom_id: modal!.custom_id, components, resolved: { attachments } };
      return begin(from, 5, data, { channelId, guildId });
    },
    interact: begin,
    sign: signed,
    host: (name, body) => {
      const path = `/attachments/${newId()}/${encodeURIComponent(name)}`;
      files.set(path, body);
      return `http://127.0.0.1:${port}${path}`;
    },
    again: deliver,
    close: async () => {
      gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
