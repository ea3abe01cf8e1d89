import { z } from 'zod';

const user = z.object({
  id: z.number(),
  first_name: z.string(),
  username: z.string().optional(),
  language_code: z.string().optional(),
  is_bot: z.boolean().optional(),
});
const chat = z.object({ id: z.number(), type: z.enum(['private', 'group', 'supergroup', 'channel']) });
const document = z.object({
  file_id: z.string(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
});
const message = z.object({
  message_id: z.number(),
  from: user.optional(),
  chat,
  text: z.string().optional(),
  caption: z.string().optional(),
  document: document.optional(),
  /** The topic of a forum that it stands in. */
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  reply_to_message: z.object({ from: user.optional() }).optional(),
  /** A group that became a supergroup has another id from now on. */
  migrate_to_chat_id: z.number().optional(),
});

/** What of an update we look at; there is much more in them, and more to come. */
export const telegramUpdate = z.object({
  update_id: z.number(),
  message: message.optional(),
  callback_query: z
    .object({
      id: z.string(),
      from: user,
      data: z.string().optional(),
      message: message.optional(),
      inline_message_id: z.string().optional(),
    })
    .optional(),
  inline_query: z.object({ id: z.string(), from: user, query: z.string() }).optional(),
  chosen_inline_result: z
    .object({ result_id: z.string(), from: user, query: z.string(), inline_message_id: z.string().optional() })
    .optional(),
  my_chat_member: z.object({ chat, from: user, new_chat_member: z.object({ status: z.string() }) }).optional(),
});

export type TelegramUpdate = z.output<typeof telegramUpdate>;
export type TelegramUser = z.output<typeof user>;
export type TelegramChat = z.output<typeof chat>;
export type TelegramMessage = z.output<typeof message>;

/** Whose things come one after another: a person's in a chat. */
export const laneOf = (update: TelegramUpdate): string => {
  const { message: said, callback_query: pressed } = update;
  const from = said?.from ?? pressed?.from ?? update.inline_query?.from ?? update.chosen_inline_result?.from;
  return `${(said ?? pressed?.message)?.chat.id ?? ''} ${from?.id ?? ''}`;
};

export type Typed = { readonly name: string; readonly rest: string };

/**
 * A command, as people type it: `/ask`, `/ask@our_bot 3 why?`.
 *
 * @returns undefined for anything else, also for commands of other bots.
 */
export const commandIn = (text: string, botName: string): Typed | undefined => {
  const [, name, bot, rest = ''] = /^\/([a-z_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/i.exec(text.trim()) ?? [];
  if (name === undefined || (bot !== undefined && bot.toLowerCase() !== botName.toLowerCase())) return undefined;
  return { name: name.toLowerCase(), rest };
};

/** What only shows something, or asks: anybody can make a link, and whoever follows it has not chosen any words. */
const startable = [
  'ask',
  'claim',
  'contribute',
  'contributions',
  'datanets',
  'leaderboard',
  'link',
  'metrics',
  'model',
  'review',
  'rewards',
  'votes',
  'alerts',
  'consent',
  'privacy',
  'export',
  'why',
];

/** What a deep link begins with: `t.me/our_bot?start=contribute_3` is `/contribute 3`. It carries a number, and nobody's words. */
export const commandOfStart = (payload: string): Typed => {
  const [, name = '', rest = ''] = /^([a-z]+)(?:_(\d{1,20}))?$/.exec(payload) ?? [];
  return startable.includes(name) ? { name, rest } : { name: 'help', rest: '' };
};
