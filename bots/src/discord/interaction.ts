import { z } from 'zod';

const snowflake = z.string().regex(/^\d{1,20}$/);
const user = z.object({
  id: snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
});
const option = z.object({
  name: z.string(),
  type: z.number(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  focused: z.boolean().optional(),
});
const attachment = z.object({
  id: snowflake,
  filename: z.string(),
  size: z.number(),
  url: z.url(),
  content_type: z.string().optional(),
});
const message = z.object({
  id: snowflake,
  content: z.string(),
  flags: z.number().optional(),
  author: user,
});
const textInput = z.object({ type: z.literal(4), custom_id: z.string(), value: z.string() });

/** What of an interaction we look at. https://discord.com/developers/docs/interactions/receiving-and-responding */
export const interaction = z.object({
  id: snowflake,
  application_id: snowflake,
  token: z.string(),
  type: z.number(),
  locale: z.string().optional(),
  guild_id: snowflake.optional(),
  channel_id: snowflake.optional(),
  member: z.object({ user, permissions: z.string() }).optional(),
  user: user.optional(),
  message: message.optional(),
  data: z
    .object({
      name: z.string().optional(),
      type: z.number().optional(),
      options: z.array(option).optional(),
      resolved: z
        .object({
          attachments: z.record(z.string(), attachment).optional(),
          messages: z.record(z.string(), message).optional(),
        })
        .optional(),
      target_id: snowflake.optional(),
      custom_id: z.string().optional(),
      components: z.array(z.object({ components: z.array(textInput) })).optional(),
    })
    .optional(),
});

export type Interaction = z.output<typeof interaction>;
export type Attachment = z.output<typeof attachment>;

/** Kinds of interactions, as Discord counts them. */
export const kinds = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
/** Kinds of first responses. */
export const responses = {
  pong: 1,
  message: 4,
  deferred: 5,
  deferredUpdate: 6,
  update: 7,
  choices: 8,
  modal: 9,
} as const;
/** Only whoever asked sees it. */
export const ephemeral = 64;
/** Nobody's links are unfolded into pictures. */
export const suppressEmbeds = 4;

const manageGuild = 1n << 5n;
const administrator = 1n << 3n;

export const mayManage = ({ member, guild_id: guild }: Interaction): boolean => {
  if (guild === undefined) return true;
  const permissions = BigInt(member?.permissions ?? '0');
  return (permissions & (manageGuild | administrator)) !== 0n;
};

export const userOf = ({ member, user: alone }: Interaction) => member?.user ?? alone;
