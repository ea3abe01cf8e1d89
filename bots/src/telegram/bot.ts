import type { Logger } from 'pino';
import { z } from 'zod';
import type { Choice, Form, GivenFile, Input } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import type { Asked, Desk } from '../core/desk.ts';
import { fileName, largestFile } from '../core/files.ts';
import { inputOf } from '../core/input.ts';
import type { Person, Place } from '../core/person.ts';
import { decodePress, type Press } from '../core/press.ts';
import { createSuggestions } from '../core/suggestions.ts';
import { locales, textsFor } from '../core/texts/index.ts';
import type { Dialogs, Whose } from '../dialogs/dialogs.ts';
import type { Situation } from '../state/contexts.ts';
import { type Below, BlockedError, type Sent, type TelegramClient } from './client.ts';
import {
  commandIn,
  commandOfStart,
  type TelegramChat,
  type TelegramMessage,
  type TelegramUpdate,
  type TelegramUser,
  telegramUpdate,
} from './incoming.ts';
import { createInline, startLink } from './inline.ts';
import { questionOf, refusalOf } from './questions.ts';
import { type Part, render } from './render.ts';
import { carry } from './replies.ts';

export type TelegramBotOptions = {
  readonly client: TelegramClient;
  /** The bot's name, without the @. */
  readonly botName: string;
  readonly desk: Desk;
  readonly dialogs: Dialogs;
  readonly contextFor: (situation: Situation) => Context;
  /** Told that a person or group no longer wants to be written to. */
  readonly onBlocked: (recipient: string) => Promise<void>;
  /** Told that a group has another id from now on. */
  readonly onMoved: (from: string, to: string) => Promise<void>;
  readonly log: Pick<Logger, 'warn'>;
};

/** Milliseconds that "typing" is shown for, and for which nobody is told twice to slow down. */
const typingLasts = 4_000;
const toldLasts = 10_000;
/** Chats whose times are remembered. */
const mostTimes = 10_000;

class FileError extends Error {
  override readonly name = 'FileError';
}

/** Acts on what Telegram sends. */
export const createTelegramBot = (options: TelegramBotOptions) => {
  const { client, botName, desk, dialogs, contextFor, onBlocked, onMoved, log } = options;
  const typing = onceIn(typingLasts);
  const told = onceIn(toldLasts);
  /** Buttons that were answered when they arrived. */
  const acknowledged = new Set<string>();

  const personOf = ({ id, first_name: name, username, language_code: locale }: TelegramUser): Person => ({
    platform: 'telegram',
    id: `${id}`,
    name: username ?? name,
    locale,
  });
  /** Asked of Telegram only where it matters, and once. */
  const placeOf = (chat: TelegramChat, mayManage: boolean): Place => ({
    kind: chat.type === 'private' ? 'private' : 'group',
    id: `${chat.id}`,
    mayManage,
  });
  const manages = async (chat: TelegramChat, from: TelegramUser, command: string): Promise<boolean> => {
    if (chat.type === 'private') return true;
    // Of all commands, alerts alone are for a whole group.
    return command === 'alerts' && (await client.isAdministrator(chat.id, from.id));
  };

  const textPart = (words: string, keyboard: Part['keyboard'] = []): Part => ({
    kind: 'text',
    html: render({ blocks: [{ kind: 'text', spans: [words] }], isPrivate: true })[0]!.html,
    keyboard,
  });

  /** Where it was asked: in a group answers stand below it. */
  type Where = { readonly chat: TelegramChat; readonly below?: Below | undefined };
  const whereOf = (message: TelegramMessage): Where => {
    const { chat, message_id: messageId } = message;
    if (chat.type === 'private') return { chat };
    const topicId = message.is_topic_message === true ? message.message_thread_id : undefined;
    return { chat, below: { messageId, topicId } };
  };

  const answer = async (asked: Asked, from: TelegramUser, where: Where, pressed?: Sent): Promise<void> => {
    const { chat, below } = where;
    const person = personOf(from);
    const name = asked.kind === 'command' ? asked.name : asked.press.command;
    const controller = new AbortController();
    const place = placeOf(chat, await manages(chat, from, name));
    const context = contextFor({ person, place, aloneWith: person.id, signal: controller.signal });
    const { telegram: words } = context.texts;
    const command = desk.commands.find((each) => each.name === name);
    const isApart = asked.kind === 'press' && command?.apart?.includes(asked.press.action) === true;
    const form = await carry({
      client,
      replies: desk.answer(context, asked),
      here: chat.id,
      alone: from.id,
      below,
      pressed: isApart ? undefined : pressed,
      cannotWrite: textPart(words.writeFirst, [[{ text: words.openChat, url: startLink(botName, name) }]]),
    });
    if (form !== undefined) await ask({ form, input: {} }, from, where, context);
  };

  /** Asks for the next field that is missing, or hands the form in. */
  const ask = async (
    { form, input }: { form: Form; input: Input },
    from: TelegramUser,
    where: Where,
    context: Context,
  ): Promise<void> => {
    const { chat, below } = where;
    const whose: Whose = { placeId: `${chat.id}`, userId: `${from.id}` };
    const next = form.fields.find(({ name }) => input[name] === undefined);
    if (next === undefined) {
      await dialogs.end(whose);
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''));
      return answer({ kind: 'press', press: form.submit, input: given }, from, where);
    }
    await dialogs.keep(whose, { form, input });
    await client.send(chat.id, questionOf(next, context.texts), below && { ...below, isQuestion: true });
  };

  const fileOf = async ({ document }: TelegramMessage): Promise<GivenFile | undefined> => {
    if (document === undefined) return undefined;
    const body = await client.fetchFile(document.file_id, largestFile).catch((cause: unknown) => {
      throw new FileError('A file cannot be had', { cause });
    });
    return { name: fileName(document.file_name ?? 'file'), mediaType: document.mime_type, body };
  };

  const heard = async (message: TelegramMessage): Promise<void> => {
    const { from, chat } = message;
    if (message.migrate_to_chat_id !== undefined) return onMoved(`${chat.id}`, `${message.migrate_to_chat_id}`);
    if (from === undefined || from.is_bot === true || chat.type === 'channel') return;
    const where = whereOf(message);
    const whose: Whose = { placeId: `${chat.id}`, userId: `${from.id}` };
    const words = message.text ?? message.caption ?? '';
    const typed = commandIn(words, botName);
    const texts = textsFor(from.language_code);
    const isForUs = chat.type === 'private' || typed !== undefined;
    if (message.document !== undefined && (message.document.file_size ?? 0) > largestFile) {
      if (isForUs) await client.send(chat.id, textPart(texts.telegram.tooLarge), where.below);
      return;
    }
    if (typed !== undefined) {
      const wasAsked = await dialogs.end(whose);
      if (typed.name === 'cancel') {
        if (wasAsked || chat.type === 'private')
          await client.send(chat.id, textPart(texts.telegram.cancelled), where.below);
        return;
      }
      const { name, rest } = typed.name === 'start' ? commandOfStart(typed.rest) : typed;
      const fields = desk.commands.find((command) => command.name === name)?.fields ?? [];
      const file = fields.some(({ kind }) => kind === 'file') ? await fileOf(message) : undefined;
      const input = { ...inputOf(fields, rest), ...(file && { file }) };
      // A group hears nothing of commands that are none of ours.
      if (chat.type !== 'private' && !desk.commands.some((command) => command.name === name)) return;
      return answer({ kind: 'command', name, input }, from, where);
    }
    // In groups people talk with each other: what they say to the bot is below its question.
    const isToUs = message.reply_to_message?.from?.username?.toLowerCase() === botName.toLowerCase();
    const dialog = chat.type === 'private' || isToUs ? await dialogs.read(whose) : undefined;
    if (dialog === undefined) {
      if (chat.type === 'private') await client.send(chat.id, textPart(texts.telegram.useCommands));
      return;
    }
    const place = placeOf(chat, false);
    const person = personOf(from);
    const context = contextFor({ person, place, aloneWith: person.id, signal: new AbortController().signal });
    const field = dialog.form.fields.find(({ name }) => dialog.input[name] === undefined)!;
    const given = field.kind === 'file' ? await fileOf(message) : words;
    const refusal = refusalOf(field, given, texts);
    if (refusal !== undefined || given === undefined) {
      await client.send(
        chat.id,
        textPart(refusal ?? texts.telegram.sendFile),
        where.below && { ...where.below, isQuestion: true },
      );
      return;
    }
    const value = !field.isRequired && given === '-' ? '' : given;
    await ask({ form: dialog.form, input: { ...dialog.input, [field.name]: value } }, from, where, context);
  };

  const heardSafely = async (message: TelegramMessage): Promise<void> => {
    try {
      await heard(message);
    } catch (error) {
      const { telegram: words, shared } = textsFor(message.from?.language_code);
      if (!(error instanceof FileError)) throw error;
      // Its size was said to be smaller; or it is not there any more, which asking again does not change.
      await client.send(message.chat.id, textPart(error.cause instanceof RangeError ? words.tooLarge : shared.notNow));
    }
  };

  /** What a person has at hand in chats that the bot is not in. */
  const awayContext = (person: Person): Context =>
    contextFor({
      person,
      place: { kind: 'group', id: `inline ${person.id}`, mayManage: false },
      aloneWith: person.id,
      signal: new AbortController().signal,
    });
  const inline = createInline({
    client,
    botName,
    desk,
    suggestionsFor: createSuggestions(),
    contextOf: awayContext,
  });

  type Pressed = NonNullable<TelegramUpdate['callback_query']>;
  const pressed = async ({ id, from, data, message }: Pressed): Promise<void> => {
    const press = decodePress(data ?? '');
    if (message === undefined) return pressedAway(id, from, press);
    // Until then the button turns; one that comes after a restart was not answered when it arrived.
    if (!acknowledged.delete(id)) await client.acknowledge(id);
    const texts = textsFor(from.language_code);
    if (press === undefined) {
      await client.send(from.id, textPart(texts.shared.unknownButton));
      return;
    }
    const isText = message.text !== undefined;
    const sent: Sent = { chatId: message.chat.id, messageId: message.message_id, kind: isText ? 'text' : 'photo' };
    await answer({ kind: 'press', press, input: {} }, from, whereOf(message), sent);
  };
  /** A button below what the bot wrote into a chat that it is not in: it answers the person alone. */
  const pressedAway = async (id: string, from: TelegramUser, press: Press | undefined): Promise<void> => {
    try {
      if (press === undefined) await client.send(from.id, textPart(textsFor(from.language_code).shared.unknownButton));
      else await answer({ kind: 'press', press, input: {} }, from, { chat: { id: from.id, type: 'private' } });
      await client.acknowledge(id);
    } catch (error) {
      if (!(error instanceof BlockedError)) throw error;
      // They never wrote to the bot: its chat is opened for them.
      await client.acknowledge(id, undefined, startLink(botName, 'help'));
    }
  };

  const blocked = async ({ chat, new_chat_member: member }: NonNullable<TelegramUpdate['my_chat_member']>) => {
    if (member.status === 'kicked' || member.status === 'left') await onBlocked(`${chat.id}`);
  };

  return {
    /** Shows at once that something arrived, before anything is done about it. */
    greet: (payload: unknown): void => {
      const { data: update } = telegramUpdate.safeParse(payload);
      if (update?.callback_query?.message !== undefined) {
        const { id } = update.callback_query;
        if (acknowledged.size > mostTimes) acknowledged.clear();
        acknowledged.add(id);
        client.acknowledge(id).catch(() => {});
      }
      const { message } = update ?? {};
      if (message?.from === undefined || message.from.is_bot === true) return;
      const isForUs = message.chat.type === 'private' || commandIn(message.text ?? '', botName) !== undefined;
      if (isForUs && typing(`${message.chat.id}`)) void client.typing(message.chat.id);
    },
    /** Tells somebody who sends more than is acted on to slow down: once, and not for each. */
    shed: async (payload: unknown): Promise<void> => {
      const { data: update } = telegramUpdate.safeParse(payload);
      const from = update?.message?.from ?? update?.callback_query?.from;
      if (from === undefined || !told(`${from.id}`)) return;
      const words = textsFor(from.language_code).guards.cooldown(toldLasts / 1_000);
      await client.send(from.id, textPart(words)).catch((error: unknown) => {
        if (!(error instanceof BlockedError)) throw error;
      });
    },
    /** @throws what trying again later may mend */
    act: async (payload: unknown): Promise<void> => {
      const parsed = telegramUpdate.safeParse(payload);
      if (!parsed.success)
        return log.warn({ why: z.prettifyError(parsed.error) }, 'an update of Telegram cannot be read');
      const update = parsed.data;
      try {
        if (update.message !== undefined) await heardSafely(update.message);
        else if (update.callback_query !== undefined) await pressed(update.callback_query);
        else if (update.my_chat_member !== undefined) await blocked(update.my_chat_member);
        else if (update.inline_query !== undefined) {
          const { id, from, query } = update.inline_query;
          await inline.offer(id, personOf(from), query);
        } else if (update.chosen_inline_result?.inline_message_id !== undefined) {
          const { inline_message_id: id, from, result_id: result, query } = update.chosen_inline_result;
          await inline.chosen(id, personOf(from), result, query);
        }
      } catch (error) {
        if (!(error instanceof BlockedError)) throw error;
      }
    },
    /** Tells Telegram what there is to type, in each language. */
    register: async (): Promise<void> => {
      for (const locale of locales) {
        const texts = textsFor(locale);
        const abouts: Readonly<Record<string, { readonly about: string }>> = texts.commands;
        const list = desk.commands.map(({ name }) => ({
          command: name,
          description: abouts[name]!.about.slice(0, 256),
        }));
        await client.setCommands(list, locale === 'en' ? undefined : locale);
      }
    },
  };
};

/** Lets each key through once in so many milliseconds. */
const onceIn = (milliseconds: number) => {
  const times = new Map<string, number>();
  return (key: string): boolean => {
    const now = Date.now();
    if (now - (times.get(key) ?? Number.NEGATIVE_INFINITY) < milliseconds) return false;
    if (times.size >= mostTimes) times.clear();
    times.set(key, now);
    return true;
  };
};

export type { Choice };
