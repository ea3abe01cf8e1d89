import type { Context } from '../core/context.ts';
import type { Desk } from '../core/desk.ts';
import { quote, text } from '../core/message.ts';
import type { Person } from '../core/person.ts';
import type { createSuggestions } from '../core/suggestions.ts';
import { fitting, harmlessName } from '../shown/harmless.ts';
import type { InlineResult, TelegramClient } from './client.ts';
import { carryInline } from './inlineReplies.ts';
import { render } from './render.ts';

export type InlineOptions = {
  readonly client: TelegramClient;
  readonly botName: string;
  readonly desk: Desk;
  readonly suggestionsFor: ReturnType<typeof createSuggestions>;
  /** What a person has at hand in a chat that the bot is not in. */
  readonly contextOf: (person: Person) => Context;
};

/** Models that are offered at once. */
const most = 10;
/** Of results: `ask 3` asks model 3. */
const resultId = /^ask (\d{1,20})$/;
const modelField = { name: 'model', kind: 'model', isRequired: true } as const;

/** `3 What is a pool?` asks model 3, `What is a pool?` whichever is chosen. */
const questionIn = (query: string): { readonly model: string | undefined; readonly question: string } => {
  const [, model, rest = ''] = /^#?(\d{1,20})(?:\s+([\s\S]*))?$/.exec(query.trim()) ?? [];
  return model === undefined ? { model, question: query.trim() } : { model, question: rest.trim() };
};

/**
 * Asks a model from any chat, also those that the bot is not in: `@our_bot What is a pool?`. While it is typed, models are
 * offered and nothing is asked; once one is chosen, its answer is written into the message that was sent.
 */
export const createInline = ({ client, botName, desk, suggestionsFor, contextOf }: InlineOptions) => ({
  /** What can be chosen for what was typed so far. */
  offer: async (id: string, person: Person, query: string): Promise<void> => {
    const context = contextOf(person);
    const { telegram: words, commands } = context.texts;
    const say = (label: string, start: string) =>
      client.answerInline(id, [], { text: fitting(label, 64), start_parameter: start });
    if ((await context.wallet()) === undefined) return say(words.inlineLink, 'link');
    const { model, question } = questionIn(query);
    if (question === '') return say(words.inlineHow, 'model');
    const all = await suggestionsFor(context, modelField, model ?? '').catch(() => []);
    const models = model === undefined ? all : all.filter(({ value }) => value === model);
    if (models.length === 0) return say(words.inlineNone, 'model');
    const blocks = [text({ bold: commands.ask.asked }), quote(question), quote('…')];
    const { html } = render({ blocks, isPrivate: false })[0]!;
    await client.answerInline(
      id,
      models.slice(0, most).map(
        ({ value, label }): InlineResult => ({
          type: 'article',
          id: `ask ${value}`,
          title: harmlessName(label, 60) || value,
          description: harmlessName(question, 120),
          input_message_content: {
            message_text: html,
            parse_mode: 'HTML',
            link_preview_options: { is_disabled: true },
          },
          // Only messages with buttons can be edited later.
          reply_markup: { inline_keyboard: [[{ text: words.openChat, url: startLink(botName, `ask_${value}`) }]] },
        }),
      ),
    );
  },
  /** Asks what was chosen, and writes the answer into the message. */
  chosen: async (inlineMessageId: string, person: Person, result: string, query: string): Promise<void> => {
    const [, model] = resultId.exec(result) ?? [];
    if (model === undefined) return;
    const { question } = questionIn(query);
    const context = contextOf(person);
    const { telegram: words } = context.texts;
    await carryInline({
      client,
      replies: desk.answer(context, { kind: 'command', name: 'ask', input: { model, question } }),
      inlineMessageId,
      alone: Number(person.id),
      elsewhere: {
        kind: 'text',
        html: render({ blocks: [text(words.inlinePrivate)], isPrivate: true })[0]!.html,
        keyboard: [[{ text: words.openChat, url: startLink(botName, `ask_${model}`) }]],
      },
    });
  },
});

/** Opens a chat alone with the bot, and says something there. */
export const startLink = (botName: string, payload: string): string => `https://t.me/${botName}?start=${payload}`;
