import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { z } from 'zod';
import { readHtml } from './html.ts';
import { isMethod, type methods, methods as schemas } from './methods.ts';

type Args<Name extends keyof typeof methods> = z.output<(typeof methods)[Name]>;
export type Button = {
  readonly text: string;
  readonly callback_data?: string | undefined;
  readonly url?: string | undefined;
};

/** A message of the bot's as a person sees it now. */
export type Shown = {
  readonly chatId: number;
  readonly messageId: number;
  text: string;
  /** Addresses that parts of the text lead to. */
  links: readonly string[];
  buttons: readonly Button[];
  readonly file?: { readonly name: string; readonly size: number };
  /** The message below which it stands, and the topic of a forum. */
  readonly replyTo?: number | undefined;
  readonly topicId?: number | undefined;
  /** Whoever it is below is asked to answer it. */
  readonly isQuestion?: boolean;
  /** Of what people sent in the bot's name into a chat of theirs. */
  readonly inlineMessageId?: string;
  edits: number;
};

/** What somebody can choose while they type `@bot …`. */
export type Offered = {
  readonly query: string;
  readonly results: Args<'answerInlineQuery'>['results'];
  readonly button: Args<'answerInlineQuery'>['button'];
};

export type TelegramUser = {
  readonly id: number;
  readonly username?: string;
  readonly first_name: string;
  readonly language_code?: string;
};
export type TelegramChat = { readonly id: number; readonly type: 'private' | 'supergroup' };

/** A Bot API of one bot, with the limits of the real one. */
export type TelegramEmulator = {
  readonly url: string;
  readonly token: string;
  /** Everything that the bot has sent and that was taken, in order. */
  readonly shown: readonly Shown[];
  /** Answers that were not 200, by method: what the real one would have refused too. */
  readonly refused: readonly { readonly method: string; readonly code: number; readonly description: string }[];
  readonly acknowledged: readonly string[];
  readonly commands: ReadonlyMap<string, readonly string[]>;
  /** In a group the bot hears everything, as where it is an administrator; `more` is of the message. */
  readonly say: (from: TelegramUser, text: string, chat?: TelegramChat, more?: object) => number;
  /** Types `@bot …` in any chat. */
  readonly inline: (from: TelegramUser, query: string) => Promise<Offered>;
  /** Sends what was offered, by its place in the list, into a chat of theirs. */
  readonly choose: (from: TelegramUser, offered: Offered, at: number) => Shown;
  readonly give: (
    from: TelegramUser,
    /** `says`: how large it is said to be, where that is not so. */
    file: { name: string; type: string; body: Uint8Array; says?: number },
    caption?: string,
  ) => number;
  /** Presses a button of a message by what is written on it. */
  readonly press: (from: TelegramUser, label: string | RegExp, chatId?: number) => void;
  /** Presses a button that was made up, on the last message of a chat. */
  readonly pressMadeUp: (from: TelegramUser, says: string, chatId?: number) => string;
  readonly push: (update: object) => void;
  readonly block: (userId: number) => void;
  readonly admins: Set<string>;
  /** Sends the updates that were not confirmed again, as after a connection that broke. */
  readonly redeliver: () => void;
  /** Forgets that calls of a method were refused, where they had to be. */
  readonly forgive: (method: string) => void;
  /** When the bot first did something in a chat, or of a button, since a moment. */
  readonly firstActAfter: (what: { chatId: number } | { callbackId: string }, since: number) => number | undefined;
  /** Next calls of a method fail so. */
  readonly fail: (method: string, times: number, how?: 'network' | 500 | 429) => void;
  readonly close: () => Promise<void>;
};

class RefusedError extends Error {
  readonly code: number;
  readonly retryAfter: number | undefined;
  constructor(code: number, description: string, retryAfter?: number) {
    super(description);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Webhooks are posted to over so many connections, unless a bot asks for fewer or more. */
const mostConnections = 40;

export type EmulatorOptions = {
  /** Messages that a chat takes in a second, as the real one does: 1 in the long run, with bursts. */
  readonly perChat?: number;
};

export const startTelegram = async ({ perChat = 20 }: EmulatorOptions = {}): Promise<TelegramEmulator> => {
  const token = '123456:emulated-token-of-thirty-five-letters';
  const shown: Shown[] = [];
  const refused: { method: string; code: number; description: string }[] = [];
  const acknowledged: string[] = [];
  const commands = new Map<string, readonly string[]>();
  const files = new Map<string, Uint8Array>();
  const blocked = new Set<number>();
  const admins = new Set<string>();
  const callbacks = new Map<string, number>();
  const inlineQueries = new Map<
    string,
    { readonly query: string; readonly at: number; tell: (offered: Offered) => void }
  >();
  const toBot = { id: 1, is_bot: true, first_name: 'OpenLedger', username: 'openledger_test_bot' };
  const acts: { readonly key: string; readonly at: number }[] = [];
  const sentAt = new Map<number, number[]>();
  const failures = new Map<string, { times: number; how: 'network' | 500 | 429 }>();
  const queue: { update_id: number; [more: string]: unknown }[] = [];
  let lastId = 1_000;
  let webhook: { url: string; secret: string | undefined } | undefined;
  const waiting = new Set<() => void>();

  const push = (update: object): void => {
    queue.push({ update_id: ++lastId, ...update });
    for (const wake of [...waiting]) wake();
    deliver();
  };
  /** Chats of which something is being posted. */
  const underWay = new Set<string>();
  type Update = (typeof queue)[number];
  const chatOf = ({ update_id: id, message, callback_query: pressed }: Update): string => {
    type About = { readonly chat: { readonly id: number } };
    const about = (message ?? (pressed as { message?: About } | undefined)?.message) as About | undefined;
    return `${about?.chat.id ?? `update ${id}`}`;
  };
  /** To the webhook, many at once and each chat's in their order, again and again until it answers with 2xx. */
  const deliver = (): void => {
    for (const update of [...queue]) {
      const chat = chatOf(update);
      if (webhook === undefined || underWay.size >= mostConnections) return;
      if (underWay.has(chat)) continue;
      underWay.add(chat);
      void post(update, webhook).then((isTaken) => {
        underWay.delete(chat);
        if (isTaken) deliver();
        else setTimeout(deliver, 50);
      });
    }
  };
  const post = async (update: Update, { url, secret }: NonNullable<typeof webhook>): Promise<boolean> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret !== undefined && { 'x-telegram-bot-api-secret-token': secret }),
      },
      body: JSON.stringify(update),
    }).catch(() => undefined);
    const at = queue.indexOf(update);
    if (response?.ok && at >= 0) queue.splice(at, 1);
    return response?.ok === true;
  };

  const allow = (chatId: number): void => {
    if (blocked.has(chatId)) throw new RefusedError(403, 'Forbidden: bot was blocked by the user');
    const now = Date.now();
    const lately = (sentAt.get(chatId) ?? []).filter((at) => now - at < 1_000);
    if (lately.length >= perChat) throw new RefusedError(429, 'Too Many Requests: retry after 1', 1);
    sentAt.set(chatId, [...lately, now]);
  };
  type Read = ReturnType<typeof readHtml>;
  const textOf = (html: string, most: number, isRequired: boolean): Read => {
    let read: Read;
    try {
      read = readHtml(html);
    } catch (error) {
      throw new RefusedError(400, `Bad Request: ${(error as Error).message}`);
    }
    const { text } = read;
    if (isRequired && text.trim() === '') throw new RefusedError(400, 'Bad Request: message text is empty');
    if (text.length > most) throw new RefusedError(400, 'Bad Request: message is too long');
    return read;
  };
  type Placed = Pick<Args<'sendMessage'>, 'reply_markup' | 'reply_parameters' | 'message_thread_id'>;
  const buttonsOf = (markup: Placed['reply_markup']): readonly Button[] =>
    markup !== undefined && 'inline_keyboard' in markup ? markup.inline_keyboard.flat() : [];
  const add = (chatId: number, { text, links }: Read, placed: Placed, file?: File): object => {
    allow(chatId);
    const { reply_markup: markup } = placed;
    const message: Shown = {
      chatId,
      messageId: ++lastId,
      text,
      links,
      buttons: buttonsOf(markup),
      replyTo: placed.reply_parameters?.message_id,
      topicId: placed.message_thread_id,
      isQuestion: markup !== undefined && 'force_reply' in markup,
      edits: 0,
      ...(file && { file: { name: file.name, size: file.size } }),
    };
    shown.push(message);
    return {
      message_id: message.messageId,
      chat: { id: chatId, type: chatId > 0 ? 'private' : 'supergroup' },
      date: 0,
      text,
    };
  };

  const handlers: { readonly [Name in keyof typeof methods]: (args: Args<Name>) => unknown } = {
    getMe: () => toBot,
    setWebhook: ({ url, secret_token }) => {
      webhook = url === '' ? undefined : { url, secret: secret_token };
      deliver();
      return true;
    },
    deleteWebhook: () => {
      webhook = undefined;
      return true;
    },
    getUpdates: async ({ offset = 0, limit = 100, timeout = 0 }) => {
      if (webhook !== undefined)
        throw new RefusedError(409, "Conflict: can't use getUpdates method while webhook is active");
      while (queue[0] !== undefined && queue[0].update_id < offset) queue.shift();
      if (queue.length === 0 && timeout > 0) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            clearTimeout(timer);
            resolve();
          };
          const timer = setTimeout(wake, Math.min(timeout * 1_000, 2_000));
          waiting.add(wake);
        });
      }
      return queue.slice(0, limit);
    },
    sendMessage: ({ chat_id, text, ...placed }) => add(chat_id, textOf(text, 4_096, true), placed),
    sendPhoto: ({ chat_id, photo, caption = '', ...placed }) =>
      add(chat_id, textOf(caption, 1_024, false), placed, photo),
    sendDocument: ({ chat_id, document, caption = '', ...placed }) =>
      add(chat_id, textOf(caption, 1_024, false), placed, document),
    answerInlineQuery: ({ inline_query_id: id, results, button }) => {
      const asked = inlineQueries.get(id);
      if (asked === undefined || Date.now() - asked.at > 10_000) {
        throw new RefusedError(
          400,
          'Bad Request: query is too old and response timeout expired or query ID is invalid',
        );
      }
      inlineQueries.delete(id);
      for (const { input_message_content: content } of results) textOf(content.message_text, 4_096, true);
      if (new Set(results.map(({ id: own }) => own)).size < results.length) {
        throw new RefusedError(400, 'Bad Request: RESULT_ID_DUPLICATE');
      }
      asked.tell({ query: asked.query, results, button });
      return true;
    },
    editMessageText: ({ chat_id, message_id, inline_message_id: inlineId, text, reply_markup }) => {
      const isIt = (each: Shown) =>
        inlineId === undefined
          ? each.chatId === chat_id && each.messageId === message_id
          : each.inlineMessageId === inlineId;
      const message = shown.find(isIt);
      if (message === undefined) throw new RefusedError(400, 'Bad Request: message to edit not found');
      const { text: now, links } = textOf(text, 4_096, true);
      const buttons = buttonsOf(reply_markup);
      if (message.file !== undefined)
        throw new RefusedError(400, 'Bad Request: there is no text in the message to edit');
      if (message.text === now && JSON.stringify(message.buttons) === JSON.stringify(buttons)) {
        throw new RefusedError(400, 'Bad Request: message is not modified');
      }
      allow(message.chatId);
      Object.assign(message, { text: now, links, buttons, edits: message.edits + 1 });
      return inlineId !== undefined || { message_id, chat: { id: chat_id, type: 'private' }, date: 0, text: now };
    },
    sendChatAction: () => true,
    answerCallbackQuery: ({ callback_query_id: id }) => {
      const at = callbacks.get(id);
      if (at === undefined || Date.now() - at > 15_000) {
        throw new RefusedError(
          400,
          'Bad Request: query is too old and response timeout expired or query ID is invalid',
        );
      }
      acknowledged.push(id);
      return true;
    },
    getFile: ({ file_id }) => {
      const body = files.get(file_id);
      if (body === undefined) throw new RefusedError(400, 'Bad Request: invalid file_id');
      if (body.length > 20 * 2 ** 20) throw new RefusedError(400, 'Bad Request: file is too big');
      return { file_id, file_unique_id: file_id, file_size: body.length, file_path: `documents/${file_id}` };
    },
    getChatMember: ({ chat_id, user_id }) => ({
      status: admins.has(`${chat_id} ${user_id}`) ? 'administrator' : 'member',
      user: { id: user_id, is_bot: false, first_name: 'x' },
    }),
    setMyCommands: ({ commands: list, language_code = 'en' }) => {
      commands.set(
        language_code,
        list.map(({ command }) => command),
      );
      return true;
    },
  };

  const argsOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
    const body = await buffer(request);
    const type = request.headers['content-type'] ?? '';
    if (type.startsWith('multipart/form-data')) {
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
      const args: Record<string, unknown> = Object.fromEntries(form);
      // Files come under a name of their own, which the field refers to.
      for (const [name, value] of Object.entries(args)) {
        if (typeof value === 'string' && value.startsWith('attach://')) args[name] = args[value.slice(9)];
      }
      return args;
    }
    return body.length === 0 ? {} : JSON.parse(body.toString());
  };
  const answer = (response: ServerResponse, code: number, body: object): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url!, 'http://telegram');
    const file = url.pathname.startsWith(`/file/bot${token}/documents/`)
      ? files.get(url.pathname.split('/').at(-1)!)
      : undefined;
    if (file !== undefined) return void response.writeHead(200).end(file);
    const [, given, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    const args = await argsOf(request);
    try {
      if (given !== token) throw new RefusedError(401, 'Unauthorized');
      if (!isMethod(method)) throw new RefusedError(404, 'Not Found: method not found');
      const failure = failures.get(method);
      if (failure !== undefined && failure.times > 0) {
        failure.times--;
        if (failure.how === 'network') {
          // It was done, and nobody heard of it: what a connection that breaks may mean.
          await (handlers[method] as (args: unknown) => unknown)(schemas[method].parse(args));
          request.socket.destroy();
          return;
        }
        throw new RefusedError(
          failure.how,
          failure.how === 429 ? 'Too Many Requests: retry after 1' : 'Internal',
          failure.how === 429 ? 1 : undefined,
        );
      }
      const parsed = schemas[method].safeParse(args);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new RefusedError(400, `Bad Request: ${issue!.path.join('.')}: ${issue!.message}`);
      }
      const { chat_id: chat, callback_query_id: callback } = parsed.data as {
        chat_id?: number;
        callback_query_id?: string;
      };
      if (chat !== undefined || callback !== undefined) acts.push({ key: callback ?? `${chat}`, at: Date.now() });
      const result = await (handlers[method] as (args: unknown) => unknown)(parsed.data);
      answer(response, 200, { ok: true, result });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const { code, message: description, retryAfter } = error;
      refused.push({ method, code, description });
      answer(response, code, {
        ok: false,
        error_code: code,
        description,
        ...(retryAfter !== undefined && { parameters: { retry_after: retryAfter } }),
      });
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      answer(response, 500, { ok: false, error_code: 500, description: String(error) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const said = (from: TelegramUser, more: object, chat: TelegramChat): number => {
    const messageId = ++lastId;
    push({ message: { message_id: messageId, from: { is_bot: false, ...from }, chat, date: 0, ...more } });
    return messageId;
  };
  /** @returns the id that it is answered by */
  const pushPress = (from: TelegramUser, data: string, message: Shown): string => {
    const id = `callback${++lastId}`;
    callbacks.set(id, Date.now());
    const chat = { id: message.chatId, type: message.chatId > 0 ? 'private' : 'supergroup' };
    push({
      callback_query: {
        id,
        from: { is_bot: false, ...from },
        data,
        ...(message.inlineMessageId !== undefined && { inline_message_id: message.inlineMessageId }),
        ...(message.inlineMessageId === undefined && {
          message: {
            message_id: message.messageId,
            chat,
            date: 0,
            ...(message.file === undefined && { text: message.text }),
          },
        }),
        chat_instance: '1',
      },
    });
    return id;
  };
  const alone = ({ id }: TelegramUser): TelegramChat => ({ id, type: 'private' });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    shown,
    refused,
    acknowledged,
    commands,
    admins,
    say: (from, text, chat = alone(from), more = {}) => said(from, { text, ...more }, chat),
    inline: (from, query) =>
      new Promise((tell) => {
        const id = `inline${++lastId}`;
        inlineQueries.set(id, { query, at: Date.now(), tell });
        push({ inline_query: { id, from: { is_bot: false, ...from }, query, offset: '' } });
      }),
    choose: (from, { query, results }, at) => {
      const { id, input_message_content: content, reply_markup: markup } = results[at]!;
      const message: Shown = {
        chatId: -2_000_000 - ++lastId,
        messageId: ++lastId,
        ...textOf(content.message_text, 4_096, true),
        buttons: buttonsOf(markup),
        inlineMessageId: `inline message ${lastId}`,
        edits: 0,
      };
      shown.push(message);
      push({
        chosen_inline_result: {
          result_id: id,
          from: { is_bot: false, ...from },
          query,
          inline_message_id: message.inlineMessageId,
        },
      });
      return message;
    },
    give: (from, { name, type, body, says = body.length }, caption) => {
      const fileId = `file${++lastId}`;
      files.set(fileId, body);
      const document = {
        file_id: fileId,
        file_unique_id: fileId,
        file_name: name,
        mime_type: type,
        file_size: says,
      };
      return said(from, { document, ...(caption !== undefined && { caption }) }, alone(from));
    },
    press: (from, label, chatId = from.id) => {
      const fits = ({ text }: Button) => (typeof label === 'string' ? text === label : label.test(text));
      const message = shown.findLast((each) => each.chatId === chatId && each.buttons.some(fits));
      const button = message?.buttons.find(fits);
      if (message === undefined || button?.callback_data === undefined) {
        throw new Error(`No button ${label} in ${JSON.stringify(shown.slice(-3))}`);
      }
      pushPress(from, button.callback_data, message);
    },
    pressMadeUp: (from, says, chatId = from.id) =>
      pushPress(from, says, shown.findLast((each) => each.chatId === chatId)!),
    push,
    block: (userId) => {
      blocked.add(userId);
      push({
        my_chat_member: {
          chat: { id: userId, type: 'private' },
          from: { id: userId, first_name: 'x', is_bot: false },
          date: 0,
          old_chat_member: { status: 'member' },
          new_chat_member: { status: 'kicked' },
        },
      });
    },
    redeliver: () => {
      for (const wake of [...waiting]) wake();
    },
    forgive: (method) => {
      for (let at = refused.length - 1; at >= 0; at--) if (refused[at]!.method === method) refused.splice(at, 1);
    },
    firstActAfter: (what, since) => {
      const key = 'chatId' in what ? `${what.chatId}` : what.callbackId;
      return acts.find((act) => act.key === key && act.at >= since)?.at;
    },
    fail: (method, times, how = 500) => void failures.set(method, { times, how }),
    close: async () => {
      webhook = undefined;
      for (const wake of [...waiting]) wake();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
