import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Telegram, TelegramError } from 'telegraf';
import type { Keyboard, Part } from './render.ts';

/** They blocked the bot, left, or never began to talk with it. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
}

export type Sent = { readonly chatId: number; readonly messageId: number; readonly kind: Part['kind'] };

/** What is said in a group stands below what it answers, in its topic. */
export type Below = {
  readonly messageId: number;
  readonly topicId?: number | undefined;
  /** The person's answer to it is heard, whatever else the bot hears in that group. */
  readonly isQuestion?: boolean;
};

export type InlineResult = Parameters<Telegram['answerInlineQuery']>[1][number];
export type InlineButton = { readonly text: string; readonly start_parameter: string };

/** The Bot API as far as we use it; a thin layer over telegraf, which waits where Telegram says to wait. */
export type TelegramClient = {
  readonly me: () => Promise<{ readonly username: string }>;
  readonly updates: (offset: number, signal: AbortSignal) => Promise<readonly unknown[]>;
  readonly send: (chatId: number, part: Part, below?: Below) => Promise<Sent>;
  /** @returns false when there is nothing left to edit */
  readonly edit: (sent: Sent, part: Part) => Promise<boolean>;
  readonly editInline: (inlineMessageId: string, part: Part) => Promise<void>;
  readonly acknowledge: (callbackId: string, text?: string, url?: string) => Promise<void>;
  readonly typing: (chatId: number) => Promise<void>;
  readonly fetchFile: (fileId: string, most: number) => Promise<Uint8Array>;
  /** What can be chosen; one that comes too late is of no use any more. */
  readonly answerInline: (queryId: string, results: readonly InlineResult[], button?: InlineButton) => Promise<void>;
  readonly setCommands: (
    commands: readonly { command: string; description: string }[],
    language?: string,
  ) => Promise<void>;
  /** Where Telegram posts updates to; without one they are fetched. */
  readonly setWebhook: (webhook: { readonly url: string; readonly secret: string } | undefined) => Promise<void>;
  readonly isAdministrator: (chatId: number, userId: number) => Promise<boolean>;
};

export type ClientOptions = {
  readonly token: string;
  /** Where the Bot API is; Telegram's own without it. */
  readonly apiRoot?: string | undefined;
};

/** Waits that Telegram asks for, at most: longer ones fail, and the update is tried again later. */
const mostWaitSeconds = 30;
const heardOf = ['message', 'callback_query', 'inline_query', 'chosen_inline_result', 'my_chat_member'] as const;
const pollSeconds = 25;

export const createClient = ({ token, apiRoot }: ClientOptions): TelegramClient => {
  const telegram = new Telegram(token, apiRoot === undefined ? {} : { apiRoot });

  /** Waits where it is told to, and names what nobody can change. */
  const call = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof TelegramError)) throw error;
        const wait = error.parameters?.retry_after;
        if (error.code === 429 && wait !== undefined && wait <= mostWaitSeconds && attempt < 5) {
          await sleep(wait * 1_000);
          continue;
        }
        if (error.code === 403) throw new BlockedError(error.description);
        throw error;
      }
    }
  };
  const inline = (keyboard: Keyboard) => ({ inline_keyboard: keyboard.map((row) => [...row]) });
  const markup = (keyboard: Keyboard) => ({ reply_markup: inline(keyboard) });
  const placed = (keyboard: Keyboard, below: Below | undefined) => ({
    ...(below !== undefined && {
      reply_parameters: { message_id: below.messageId, allow_sending_without_reply: true },
      ...(below.topicId !== undefined && { message_thread_id: below.topicId }),
    }),
    reply_markup: below?.isQuestion === true ? ({ force_reply: true, selective: true } as const) : inline(keyboard),
  });
  const html = { parse_mode: 'HTML', link_preview_options: { is_disabled: true } } as const;
  const file = (name: string, body: Uint8Array) => ({ source: Readable.from([Buffer.from(body)]), filename: name });
  const isGone = (error: unknown): boolean =>
    error instanceof TelegramError &&
    error.code === 400 &&
    /not found|can't be edited|not modified/i.test(error.description);

  return {
    me: async () => {
      const { username } = await call(() => telegram.getMe());
      return { username };
    },
    updates: async (offset, signal) => {
      const asked = telegram.callApi(
        'getUpdates',
        {
          offset,
          limit: 100,
          timeout: pollSeconds,
          allowed_updates: heardOf,
        },
        { signal: signal as never },
      );
      return asked;
    },
    send: async (chatId, part, below) => {
      const { message_id: messageId } = await call((): Promise<{ readonly message_id: number }> => {
        switch (part.kind) {
          case 'text':
            return telegram.sendMessage(chatId, part.html, { ...html, ...placed(part.keyboard, below) });
          case 'photo':
            return telegram.sendPhoto(chatId, file(part.name, part.png), {
              caption: part.html,
              parse_mode: 'HTML',
              ...placed(part.keyboard, below),
            });
          case 'document':
            return telegram.sendDocument(chatId, file(part.name, part.body), {
              caption: part.html,
              parse_mode: 'HTML',
              ...placed(part.keyboard, below),
            });
        }
      });
      return { chatId, messageId, kind: part.kind };
    },
    edit: async (sent, part) => {
      if (part.kind !== 'text' || sent.kind !== 'text') return false;
      try {
        await call(() =>
          telegram.editMessageText(sent.chatId, sent.messageId, undefined, part.html, {
            ...html,
            ...markup(part.keyboard),
          }),
        );
        return true;
      } catch (error) {
        if (!isGone(error)) throw error;
        return /not modified/i.test((error as TelegramError).description);
      }
    },
    editInline: async (inlineMessageId, part) => {
      await call(() =>
        telegram.editMessageText(undefined, undefined, inlineMessageId, part.html, {
          ...html,
          ...markup(part.keyboard),
        }),
      ).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    },
    acknowledge: async (callbackId, text, url) => {
      // One that is too old cannot be answered any more, and need not be.
      await call(() => telegram.answerCbQuery(callbackId, text, url === undefined ? {} : { url })).catch(
        (error: unknown) => {
          if (!(error instanceof TelegramError && error.code === 400)) throw error;
        },
      );
    },
    typing: async (chatId) => {
      await telegram.sendChatAction(chatId, 'typing').catch(() => {});
    },
    fetchFile: async (fileId, most) => {
      const link = await call(() => telegram.getFileLink(fileId));
      const response = await fetch(link);
      if (!response.ok) throw new Error(`Telegram gives the file with status ${response.status}`);
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of response.body!) {
        size += part.length;
        if (size > most) throw new RangeError(`The file has more than ${most} bytes`);
        parts.push(part);
      }
      return Buffer.concat(parts);
    },
    answerInline: async (queryId, results, button) => {
      // What is offered depends on who asks, and on which models there are now.
      const options = { cache_time: 5, is_personal: true, ...(button && { button }) };
      await call(() => telegram.answerInlineQuery(queryId, results, options)).catch((error: unknown) => {
        if (!(error instanceof TelegramError && error.code === 400 && /too old/i.test(error.description))) throw error;
      });
    },
    setCommands: async (commands, language) => {
      await call(() => telegram.setMyCommands(commands, language === undefined ? {} : { language_code: language }));
    },
    setWebhook: async (webhook) => {
      await call(() =>
        webhook === undefined
          ? telegram.deleteWebhook()
          : telegram.setWebhook(webhook.url, { secret_token: webhook.secret, allowed_updates: heardOf }),
      );
    },
    isAdministrator: async (chatId, userId) => {
      const member = await call(() => telegram.getChatMember(chatId, userId));
      return member.status === 'creator' || member.status === 'administrator';
    },
  };
};
