import type { Logger } from 'pino';
import { z } from 'zod';
import type { Form, GivenFile, Input, Replies } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import type { Asked, Desk } from '../core/desk.ts';
import { fileName, largestFile } from '../core/files.ts';
import { text } from '../core/message.ts';
import type { Person, Place } from '../core/person.ts';
import { decodePress, encodePress } from '../core/press.ts';
import { createSuggestions } from '../core/suggestions.ts';
import { type Texts, textsFor } from '../core/texts/index.ts';
import type { Dialogs } from '../dialogs/dialogs.ts';
import { harmlessName } from '../shown/harmless.ts';
import type { Situation } from '../state/contexts.ts';
import type { Updates } from '../updates/updates.ts';
import { commandData } from './commandData.ts';
import {
  type Attachment,
  ephemeral,
  type Interaction,
  interaction,
  kinds,
  mayManage,
  responses,
  userOf,
} from './interaction.ts';
import { modalOf } from './modal.ts';
import type { Attachment as File } from './render.ts';
import { respond } from './responding.ts';
import type { DiscordRest } from './rest.ts';

export type DiscordBotOptions = {
  readonly rest: DiscordRest;
  readonly applicationId: string;
  readonly desk: Desk;
  readonly dialogs: Dialogs;
  readonly updates: Updates;
  readonly contextFor: (situation: Situation) => Context;
  /** Where files of people are fetched from beside Discord's own addresses. */
  readonly filesFrom?: string | undefined;
  readonly log: Pick<Logger, 'warn' | 'error'>;
};

type First = (response: Readonly<Record<string, unknown>>, files: readonly File[]) => Promise<void>;

/** Forms that came too late are kept under this place, one for each person. */
const formPlace = 'form';
const messagePlace = 'message';

/** Milliseconds for suggestions: nobody waits for them. */
const suggestionsTake = 600;
const fetchingTakes = 20_000;

/** Acts on Discord's interactions, from the gateway or posted. */
export const createDiscordBot = (options: DiscordBotOptions) => {
  const { rest, applicationId, desk, dialogs, updates, contextFor, filesFrom, log } = options;
  const suggestionsFor = createSuggestions();

  const contextOf = (asked: Interaction): Context => {
    const user = userOf(asked)!;
    const person: Person = {
      platform: 'discord',
      id: user.id,
      name: user.global_name ?? user.username,
      locale: asked.locale,
    };
    const place: Place = {
      kind: asked.guild_id === undefined ? 'private' : 'group',
      id: asked.channel_id ?? user.id,
      ...(asked.guild_id !== undefined && { guildId: asked.guild_id }),
      mayManage: mayManage(asked),
    };
    return contextFor({ person, place, aloneWith: user.id, signal: new AbortController().signal });
  };
  const saying = (words: string) => ({
    type: responses.message,
    data: { content: words, flags: ephemeral, allowed_mentions: { parse: [] } },
  });

  const fetched = async ({ filename, size, url, content_type: type }: Attachment): Promise<GivenFile | undefined> => {
    if (size > largestFile) return undefined;
    if (!isDiscords(url, filesFrom)) throw new TypeError('A file is at no address of Discord’s');
    // Its address expires, so it is fetched at once.
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchingTakes) });
    if (!response.ok) throw new Error(`Discord gives a file with status ${response.status}`);
    const body = await bodyOf(response);
    return body && { name: fileName(filename), mediaType: type, body };
  };

  const inputOf = async ({ data }: Interaction): Promise<Input | 'too-large'> => {
    const input: Record<string, string | GivenFile> = {};
    for (const { name, value } of data?.options ?? []) {
      const attachment = data?.resolved?.attachments?.[String(value)];
      if (attachment === undefined) {
        if (value !== undefined) input[name] = String(value);
        continue;
      }
      const file = await fetched(attachment);
      if (file === undefined) return 'too-large';
      input[name] = file;
    }
    return input;
  };

  /** A command with its files: they are fetched once Discord has heard that we are at it. */
  async function* commanded(from: Interaction, name: string, context: Context): Replies {
    const say = (words: string) => ({ message: { blocks: [text(words)], isPrivate: true } });
    let input: Input | 'too-large';
    try {
      input = await inputOf(from);
    } catch (error) {
      log.warn({ why: String(error) }, 'a file of Discord’s cannot be fetched');
      return yield say(context.texts.shared.notNow);
    }
    if (input === 'too-large') return yield say(context.texts.telegram.tooLarge);
    yield* desk.answer(context, { kind: 'command', name, input });
  }

  const answer = (asked: Asked, from: Interaction, first: First, context: Context): Promise<void> => {
    const isApart =
      asked.kind === 'press' && commandOf(asked.press.command)?.apart?.includes(asked.press.action) === true;
    const name = asked.kind === 'command' ? asked.name : asked.press.command;
    return carried({ name, isApart, replies: desk.answer(context, asked) }, from, first, context);
  };
  const commandOf = (name: string) => desk.commands.find((each) => each.name === name);

  type Carried = { readonly name: string; readonly isApart: boolean; readonly replies: Replies };
  const carried = (
    { name, isApart, replies }: Carried,
    from: Interaction,
    first: First,
    context: Context,
  ): Promise<void> => {
    const userId = context.person.id;
    const { discord: words } = context.texts;
    return respond({
      rest,
      interaction: from,
      first,
      replies,
      isPublic: from.guild_id === undefined || commandOf(name)?.isPublic === true,
      isApart,
      keepForm: async (form) => {
        await dialogs.keep({ placeId: formPlace, userId }, { form, input: {} });
        return 'form|open';
      },
      submitOf: async ({ submit }) => encodePress(submit),
      words,
    });
  };

  /** Opens a form that is kept, at once: nothing else is asked for it. */
  const openKept = async (first: First, userId: string, texts: Texts): Promise<void> => {
    const kept = await dialogs.read({ placeId: formPlace, userId });
    if (kept === undefined) return first(saying(texts.shared.unknownButton), []);
    await first({ type: responses.modal, data: modalOf(kept.form, encodePress(kept.form.submit)) }, []);
  };

  /** Somebody's own message, which they pointed at. */
  const pointed = async (from: Interaction, first: First, context: Context): Promise<void> => {
    const { discord: words } = context.texts;
    const { data } = from;
    const message = data?.resolved?.messages?.[data.target_id ?? ''];
    if (message?.author.id !== context.person.id) return first(saying(words.ownOnly), []);
    if (message.content.trim() === '') return first(saying(words.empty), []);
    const form: Form = { title: '-', fields: [], submit: { command: 'contribute', action: 'from', args: [] } };
    const whose = { placeId: messagePlace, userId: context.person.id };
    await dialogs.keep(whose, { form, input: { text: message.content } });
    await answer(
      { kind: 'press', press: { command: 'contribute', action: 'choose', args: [] }, input: {} },
      from,
      first,
      context,
    );
  };

  const suggesting = async ({ data }: Interaction, first: First, context: Context): Promise<void> => {
    const focused = data?.options?.find((option) => option.focused === true);
    const field = desk.commands
      .find(({ name }) => name === data?.name)
      ?.fields.find(({ name }) => name === focused?.name);
    // Nobody waits for suggestions: they come at once, or not at all.
    const late = new Promise<readonly []>((resolve) => setTimeout(() => resolve([]), suggestionsTake).unref());
    const found =
      field === undefined
        ? []
        : await Promise.race([suggestionsFor(context, field, String(focused?.value ?? '')).catch(() => []), late]);
    const choices = found.map(({ label, value }) => ({ name: harmlessName(label, 100) || value, value }));
    await first({ type: responses.choices, data: { choices } }, []);
  };

  const pressed = async (from: Interaction, first: First, context: Context): Promise<void> => {
    const userId = context.person.id;
    if (from.data?.custom_id === 'form|open') return openKept(first, userId, context.texts);
    const press = decodePress(from.data?.custom_id ?? '');
    if (press === undefined) return first(saying(context.texts.shared.unknownButton), []);
    const fields = from.data?.components?.flatMap(({ components }) => components) ?? [];
    const typed = Object.fromEntries(
      fields.flatMap(({ custom_id: name, value }) => (value === '' ? [] : [[name, value]])),
    );
    const isOfMessage = press.command === 'contribute' && press.action === 'from';
    const whose = { placeId: messagePlace, userId };
    const kept = isOfMessage ? await dialogs.read(whose) : undefined;
    await answer({ kind: 'press', press, input: { ...kept?.input, ...typed } }, from, first, context);
    if (isOfMessage) await dialogs.end(whose);
  };

  const act = async (from: Interaction, first: First): Promise<void> => {
    const context = contextOf(from);
    const { data } = from;
    if (from.type === kinds.autocomplete) return suggesting(from, first, context);
    if (from.type === kinds.component || from.type === kinds.modal) return pressed(from, first, context);
    if (from.type !== kinds.command || data?.name === undefined) return;
    if (data.type === 3) return pointed(from, first, context);
    const replies = commanded(from, data.name, context);
    await carried({ name: data.name, isApart: false, replies }, from, first, context);
  };

  return {
    /**
     * Acts on an interaction, once however often it comes.
     *
     * @param first gives the first answer; over REST without it
     */
    take: async (payload: unknown, first?: First): Promise<void> => {
      const parsed = interaction.safeParse(payload);
      if (!parsed.success || userOf(parsed.data) === undefined) {
        log.warn({ why: parsed.error && z.prettifyError(parsed.error) }, 'an interaction of Discord cannot be read');
        return;
      }
      const from = parsed.data;
      // Suggestions change nothing, and come at every letter.
      const isKept = from.type !== kinds.autocomplete;
      if (
        isKept &&
        !(await updates.receive(from.id, {
          applicationId: from.application_id,
          token: from.token,
          locale: from.locale,
        }))
      )
        return;
      try {
        await act(from, first ?? ((response, files) => rest.respond(from.id, from.token, response, files)));
      } catch (error) {
        log.error(
          { err: error, command: from.data?.name ?? from.data?.custom_id?.split('|')[0] },
          'an interaction failed',
        );
        const body = {
          content: textsFor(from.locale).shared.notNow,
          embeds: [],
          components: [],
          allowed_mentions: { parse: [] },
        };
        await rest.editOriginal(from.application_id, from.token, body).catch(() => {});
      } finally {
        if (isKept) await updates.done(from.id).catch(() => {});
      }
    },
    /** Tells those whose interactions a process did not finish that they have to ask again. */
    recover: async (): Promise<void> => {
      for (;;) {
        const left = await updates.take(50);
        if (left.length === 0) return;
        for (const { id, payload } of left) {
          const known = z
            .object({ applicationId: z.string(), token: z.string(), locale: z.string().optional() })
            .safeParse(payload);
          if (known.success) {
            const { applicationId: application, token, locale } = known.data;
            const body = {
              content: textsFor(locale).shared.notNow,
              embeds: [],
              components: [],
              allowed_mentions: { parse: [] },
            };
            await rest.editOriginal(application, token, body).catch(() => {});
          }
          await updates.done(id);
        }
      }
    },
    register: () => rest.registerCommands(applicationId, commandData(desk.commands)),
  };
};

const discords = /(?:^|\.)(?:discordapp\.(?:com|net)|discord\.com)$/;

/** Whether an address is one of Discord's, so that nobody makes us fetch from anywhere else. */
const isDiscords = (url: string, filesFrom: string | undefined): boolean => {
  const { protocol, hostname, origin } = new URL(url);
  if (filesFrom !== undefined && origin === new URL(filesFrom).origin) return true;
  return protocol === 'https:' && discords.test(hostname);
};

/** What comes, whatever size was said before. @returns undefined for more than is taken */
const bodyOf = async (response: Response): Promise<Uint8Array | undefined> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > largestFile) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
};
