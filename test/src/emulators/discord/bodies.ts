import { z } from 'zod';

// What Discord's API takes, as far as bots here use it. https://discord.com/developers/docs

const text = (most: number) => z.string().min(1).max(most);
const button = z
  .strictObject({
    type: z.literal(2),
    style: z.number().int().min(1).max(5),
    label: text(80),
    custom_id: text(100).optional(),
    url: z.url().max(512).optional(),
  })
  .refine(
    ({ style, custom_id: id, url }) =>
      style === 5 ? url !== undefined && id === undefined : id !== undefined && url === undefined,
    {
      message: 'A button has a custom_id, or a URL and the style of links',
    },
  );
const rows = z
  .array(z.strictObject({ type: z.literal(1), components: z.array(button).min(1).max(5) }))
  .max(5)
  .refine(
    (all) => {
      const ids = all.flatMap(({ components }) => components.flatMap(({ custom_id: id }) => id ?? []));
      return new Set(ids).size === ids.length;
    },
    { message: 'Component custom id cannot be duplicated' },
  );
const embed = z.strictObject({
  title: text(256).optional(),
  description: text(4_096).optional(),
  color: z.number().int().min(0).max(0xffffff).optional(),
  image: z.strictObject({ url: z.string() }).optional(),
});
const embeds = z
  .array(embed)
  .max(10)
  .refine(
    (all) => all.reduce((sum, { title = '', description = '' }) => sum + title.length + description.length, 0) <= 6_000,
    {
      message: 'Embeds exceed 6000 characters',
    },
  );

export const message = z
  .strictObject({
    content: z.string().max(2_000).optional(),
    embeds: embeds.optional(),
    components: rows.optional(),
    flags: z.number().int().optional(),
    attachments: z.array(z.unknown()).optional(),
    /** Without it a message may ping everybody. */
    allowed_mentions: z.strictObject({ parse: z.array(z.string()).max(0) }),
  })
  .describe('message');

export const modal = z.strictObject({
  title: text(45),
  custom_id: text(100),
  components: z
    .array(
      z.strictObject({
        type: z.literal(1),
        components: z
          .array(
            z.strictObject({
              type: z.literal(4),
              custom_id: text(100),
              label: text(45),
              style: z.union([z.literal(1), z.literal(2)]),
              required: z.boolean(),
              max_length: z.number().int().min(1).max(4_000),
              placeholder: z.string().max(100).optional(),
            }),
          )
          .length(1),
      }),
    )
    .min(1)
    .max(5),
});

export const response = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal(1) }),
  z.strictObject({ type: z.literal(4), data: message }),
  z.strictObject({ type: z.literal(5), data: z.strictObject({ flags: z.number().int().optional() }).optional() }),
  z.strictObject({ type: z.literal(6) }),
  z.strictObject({ type: z.literal(7), data: message }),
  z.strictObject({
    type: z.literal(8),
    data: z.strictObject({ choices: z.array(z.strictObject({ name: text(100), value: text(100) })).max(25) }),
  }),
  z.strictObject({ type: z.literal(9), data: modal }),
]);

const localisations = z.record(z.enum(['de', 'es-ES', 'es-419']), text(100)).optional();
export const commands = z
  .array(
    z.strictObject({
      type: z.union([z.literal(1), z.literal(3)]),
      name: text(32),
      name_localizations: z.record(z.string(), text(32)).optional(),
      description: text(100).optional(),
      description_localizations: localisations,
      options: z
        .array(
          z.strictObject({
            type: z.union([z.literal(3), z.literal(11)]),
            name: z.string().regex(/^[-_\p{L}\p{N}]{1,32}$/u),
            description: text(100),
            description_localizations: localisations,
            required: z.boolean(),
            choices: z
              .array(z.strictObject({ name: text(100), value: text(100) }))
              .max(25)
              .optional(),
            autocomplete: z.literal(true).optional(),
            max_length: z.number().int().min(1).max(6_000).optional(),
          }),
        )
        .max(25)
        .optional(),
    }),
  )
  .refine((all) => all.every(({ type, name }) => type === 3 || /^[-_\p{Ll}\p{N}]{1,32}$/u.test(name)), {
    message: 'Names of slash commands are lower case',
  })
  .refine((all) => all.every(({ type, description }) => (type === 1) === (description !== undefined)), {
    message: 'Slash commands have a description, others none',
  });
