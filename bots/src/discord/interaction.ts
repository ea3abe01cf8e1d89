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
  attachments: z.array(attachment).optional(),
});
/** What was typed, or which choices or uploaded files were taken. */
const given = z.union([
  z.object({ custom_id: z.string(), value: z.string() }),
  z.object({ custom_id: z.string(), values: z.array(z.string()) }),
]);

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
      components: z.array(z.object({ component: given })).optional(),
    })
    .optional(),
});

export type Interaction = z.output<typeof interaction>;
export type Attachment = z.output<typeof attachment>;

/** Kinds of interactions, as Discord counts them. */
export const kinds = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
const manageGuild = 1n << 5n;
const administrator = 1n << 3n;

export const mayManage = ({ member, guild_id: guild }: Interaction): boolean => {
  if (guild === undefined) return true;
  const permissions = BigInt(member?.permissions ?? '0');
  return (permissions & (manageGuild | administrator)) !== 0n;
};

export const userOf = ({ member, user: alone }: Interaction) => member?.user ?? alone;

/** What somebody gave, by the name under which it was asked for: words, or files that Discord keeps for a while. */
export type Given = readonly (readonly [name: string, value: string | Attachment])[];

/** Of a command's options, and of a dialog's fields. */
export const givenIn = ({ data }: Interaction): Given => {
  const options = (data?.options ?? []).flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, `${value}`] as const],
  );
  const fields = (data?.components ?? []).flatMap(({ component }): readonly (readonly [string, string])[] =>
    'value' in component
      ? [[component.custom_id, component.value]]
      : component.values.map((value) => [component.custom_id, value]),
  );
  return [...options, ...fields].map(([name, value]) => [name, data?.resolved?.attachments?.[value] ?? value]);
};
