import {
  type APIInteractionResponse,
  ApplicationCommandType,
  InteractionResponseType,
  MessageFlags,
} from 'discord-api-types/v10';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Form, GivenFile, Input, Replies } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import type { Desk } from '../core/desk.ts';
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
import { fetchFile } from './fetchFile.ts';
import { type Given, givenIn, type Interaction, interaction, kinds, mayManage, userOf } from './interaction.ts';
import { modalOf } from './modal.ts';
import { render } from './render.ts';
import { type First, respond } from './responding.ts';
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

/** Forms that came too late are kept under this place, one for each person. */
const formPlace = 'form';
const messagePlace = 'message';
const messageForm: Form = { title: '-', fields: [], submit: { command: 'contribute', action: 'from', args: [] } };

/** Milliseconds for suggestions: nobody waits for them. */
const suggestionsTake = 600;

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
  const saying = (words: string): APIInteractionResponse => {
    const body = render({ blocks: [text(words)], isPrivate: true });
    return {
      type: InteractionResponseType.ChannelMessageWithSource,
      data: { ...body, flags: body.flags | MessageFlags.Ephemeral },
    };
  };

  const inputOf = async (given: Given): Promise<Input | 'too-large'> => {
    const input: Record<string, string | GivenFile> = {};
    for (const [name, value] of given) {
      const taken = typeof value === 'string' ? value : await fetchFile(value, filesFrom);
      if (taken === undefined) return 'too-large';
      if (taken !== '') input[name] = taken;
    }
    return input;
  };

  /** Answers with what people gave, files too: those are fetched once Discord has heard that we are at it. */
  async function* fed(given: Given, context: Context, replies: (input: Input) => Replies): Replies {
    const say = (words: string) => ({ message: { blocks: [text(words)], isPrivate: true } });
    let input: Input | 'too-large';
    try {
      input = await inputOf(given);
    } catch (error) {
      log.warn({ why: String(error) }, 'a file of Discord’s cannot be fetched');
      return yield say(context.texts.shared.notNow);
    }
    if (input === 'too-large') return yield say(context.texts.telegram.tooLarge);
    yield* replies(input);
  }

  const commandOf = (name: string) => desk.commands.find((each) => each.name === name);

  type Answer = { readonly of: string; readonly isApart?: boolean; readonly replies: Replies };
  const answer = (
    { of: name, isApart = false, replies }: Answer,
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
    await first({ type: InteractionResponseType.Modal, data: modalOf(kept.form, encodePress(kept.form.submit)) }, []);
  };

  /** Somebody's own message, which they pointed at. */
  const pointed = async (from: Interaction, first: First, context: Context): Promise<void> => {
    const { discord: words } = context.texts;
    const { data } = from;
    const message = data?.resolved?.messages?.[data.target_id ?? ''];
    if (message?.author.id !== context.person.id) return first(saying(words.ownOnly), []);
    const [attachment] = message.attachments ?? [];
    const isEmpty = message.content.trim() === '';
    if (isEmpty && attachment === undefined) return first(saying(words.empty), []);
    const file = isEmpty ? attachment : undefined;
    const replies = fed(file === undefined ? [] : [['file', file]], context, async function* (input) {
      const whose = { placeId: messagePlace, userId: context.person.id };
      await dialogs.keep(whose, { form: messageForm, input: { ...input, ...(!isEmpty && { text: message.content }) } });
      const press = { command: 'contribute', action: 'choose', args: [] };
      yield* desk.answer(context, { kind: 'press', press, input: {} });
    });
    await answer({ of: 'contribute', replies }, from, first, context);
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
    await first({ type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } }, []);
  };

  const pressed = async (from: Interaction, first: First, context: Context): Promise<void> => {
    const userId = context.person.id;
    if (from.data?.custom_id === 'form|open') return openKept(first, userId, context.texts);
    const press = decodePress(from.data?.custom_id ?? '');
    if (press === undefined) return first(saying(context.texts.shared.unknownButton), []);
    const isOfMessage = press.command === 'contribute' && press.action === 'from';
    const whose = { placeId: messagePlace, userId };
    const replies = fed(givenIn(from), context, async function* (typed) {
      const kept = isOfMessage ? await dialogs.read(whose) : undefined;
      yield* desk.answer(context, { kind: 'press', press, input: { ...kept?.input, ...typed } });
      if (isOfMessage) await dialogs.end(whose);
    });
    const isApart = commandOf(press.command)?.apart?.includes(press.action) === true;
    await answer({ of: press.command, isApart, replies }, from, first, context);
  };

  const act = async (from: Interaction, first: First): Promise<void> => {
    const context = contextOf(from);
    const { data } = from;
    if (from.type === kinds.autocomplete) return suggesting(from, first, context);
    if (from.type === kinds.component || from.type === kinds.modal) return pressed(from, first, context);
    if (from.type !== kinds.command || data?.name === undefined) return;
    if (data.type === ApplicationCommandType.Message) return pointed(from, first, context);
    const { name } = data;
    const replies = fed(givenIn(from), context, (input) => desk.answer(context, { kind: 'command', name, input }));
    await answer({ of: name, replies }, from, first, context);
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
        const body = render({ blocks: [text(textsFor(from.locale).shared.notNow)], isPrivate: true });
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
            const body = render({ blocks: [text(textsFor(locale).shared.notNow)], isPrivate: true });
            await rest.editOriginal(application, token, body).catch(() => {});
          }
          await updates.done(id);
        }
      }
    },
    register: () => rest.registerCommands(applicationId, commandData(desk.commands)),
  };
};
