import {
  type APIInteractionResponse,
  type APIModalInteractionResponseCallbackData,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationRoleConnectionMetadataType,
  ButtonStyle,
  ComponentType,
  InteractionResponseType,
  Locale,
  MessageFlags,
  type RESTPatchAPIInteractionOriginalResponseJSONBody,
  type RESTPostAPIChannelMessageJSONBody,
  type RESTPutAPIApplicationCommandsJSONBody,
  type RESTPutAPIApplicationRoleConnectionMetadataJSONBody,
  type RESTPutAPICurrentUserApplicationRoleConnectionJSONBody,
  TextInputStyle,
} from 'discord-api-types/v10';
import { z } from 'zod';

// What Discord's API takes, as far as bots here use it. https://discord.com/developers/docs

const text = (most: number) => z.string().min(1).max(most);
const notBlank = (most: number) => text(most).refine((words) => words.trim() !== '', 'This field is required');

const button = z.discriminatedUnion('style', [
  z.strictObject({
    type: z.literal(ComponentType.Button),
    style: z.literal(ButtonStyle.Link),
    label: notBlank(80),
    url: z.url().max(512),
  }),
  z.strictObject({
    type: z.literal(ComponentType.Button),
    style: z.literal([ButtonStyle.Primary, ButtonStyle.Secondary, ButtonStyle.Success, ButtonStyle.Danger]),
    label: notBlank(80),
    custom_id: text(100),
  }),
]);
const row = z.strictObject({ type: z.literal(ComponentType.ActionRow), components: z.array(button).min(1).max(5) });
const media = z.strictObject({ url: z.union([z.url(), z.string().regex(/^attachment:\/\/[\w.-]+$/)]) });
const textDisplay = z.strictObject({ type: z.literal(ComponentType.TextDisplay), content: notBlank(4_000) });
const framed = z.discriminatedUnion('type', [
  row,
  textDisplay,
  z.strictObject({ type: z.literal(ComponentType.Separator), divider: z.boolean() }),
  z.strictObject({ type: z.literal(ComponentType.File), file: media }),
  z.strictObject({
    type: z.literal(ComponentType.MediaGallery),
    items: z
      .array(z.strictObject({ media, description: text(256) }))
      .min(1)
      .max(10),
  }),
]);
const container = z.strictObject({
  type: z.literal(ComponentType.Container),
  accent_color: z.int().min(0).max(0xffffff),
  components: z.array(framed).min(1),
});
const top = z.discriminatedUnion('type', [row, container]);
export type TopComponent = z.output<typeof top>;
export type FramedComponent = z.output<typeof framed>;

/** All components of a message, those in others too. */
export const componentsOf = (all: readonly TopComponent[]): readonly (FramedComponent | z.output<typeof button>)[] =>
  all
    .flatMap((each): readonly FramedComponent[] => (each.type === ComponentType.Container ? each.components : [each]))
    .flatMap((each): readonly (FramedComponent | z.output<typeof button>)[] =>
      each.type === ComponentType.ActionRow ? [each, ...each.components] : [each],
    );

const components = z.array(top).superRefine((all, { addIssue }) => {
  const each = componentsOf(all);
  const ids = each.flatMap((one) => ('custom_id' in one ? one.custom_id : []));
  const words = each.reduce((sum, one) => sum + ('content' in one ? one.content.length : 0), 0);
  const wrong = (message: string) => addIssue({ code: 'custom', message });
  if (new Set(ids).size !== ids.length) wrong('Component custom id cannot be duplicated');
  if (each.length + all.length > 40) wrong('The total number of components in a message must not exceed 40');
  if (words > 4_000) wrong('The total length of displayable component text must not exceed 4000');
});

/** Without it a message may ping everybody. */
const nobody = z.strictObject({ parse: z.tuple([]) });
const isV2 = (flags: number | undefined) => ((flags ?? 0) & MessageFlags.IsComponentsV2) !== 0;
const attachments = z.array(z.strictObject({ id: z.string(), filename: z.string() })).max(10);

/** A message of components, or of plain content: never of both. */
export const message = z
  .strictObject({
    content: z.string().max(2_000).exactOptional(),
    components: components.exactOptional(),
    flags: z.int().exactOptional(),
    attachments: attachments.exactOptional(),
    allowed_mentions: nobody,
  })
  .refine(({ content, flags }) => !isV2(flags) || content === undefined, {
    message: 'The content field cannot be used when using MessageFlags.IS_COMPONENTS_V2',
  })
  .refine(
    ({ components: all = [], flags }) => isV2(flags) || all.every(({ type }) => type === ComponentType.ActionRow),
    { message: 'Containers need MessageFlags.IS_COMPONENTS_V2' },
  )
  .refine(({ content = '', components: all = [] }) => content !== '' || all.length > 0, {
    message: 'Cannot send an empty message',
  });

const asked = { custom_id: text(100), required: z.boolean() };
const input = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal(ComponentType.TextInput),
    ...asked,
    style: z.enum(TextInputStyle),
    max_length: z.int().min(1).max(4_000),
  }),
  z.strictObject({
    type: z.literal(ComponentType.StringSelect),
    ...asked,
    options: z
      .array(z.strictObject({ label: text(100), value: text(100) }))
      .min(1)
      .max(25),
  }),
  z.strictObject({
    type: z.literal(ComponentType.FileUpload),
    ...asked,
    min_values: z.int().min(0).max(10),
    max_values: z.int().min(1).max(10),
  }),
]);
export const modal = z.strictObject({
  title: notBlank(45),
  custom_id: text(100),
  components: z
    .array(
      z.strictObject({
        type: z.literal(ComponentType.Label),
        label: notBlank(45),
        description: text(100).exactOptional(),
        component: input,
      }),
    )
    .min(1)
    .max(5),
});

const flags = z.strictObject({ flags: z.int().exactOptional() });
export const response = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal(InteractionResponseType.Pong) }),
  z.strictObject({ type: z.literal(InteractionResponseType.ChannelMessageWithSource), data: message }),
  z.strictObject({
    type: z.literal(InteractionResponseType.DeferredChannelMessageWithSource),
    data: flags.exactOptional(),
  }),
  z.strictObject({ type: z.literal(InteractionResponseType.DeferredMessageUpdate) }),
  z.strictObject({ type: z.literal(InteractionResponseType.UpdateMessage), data: message }),
  z.strictObject({
    type: z.literal(InteractionResponseType.ApplicationCommandAutocompleteResult),
    data: z.strictObject({ choices: z.array(z.strictObject({ name: text(100), value: text(100) })).max(25) }),
  }),
  z.strictObject({ type: z.literal(InteractionResponseType.Modal), data: modal }),
]);

const localised = (most: number) => z.partialRecord(z.enum(Locale), text(most));
const option = {
  name: z.string().regex(/^[-_\p{L}\p{N}]{1,32}$/u),
  description: text(100),
  description_localizations: localised(100),
  required: z.boolean(),
};
const string = {
  type: z.literal(ApplicationCommandOptionType.String),
  ...option,
  max_length: z.int().min(1).max(6_000).exactOptional(),
};
export const commands = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal(ApplicationCommandType.ChatInput),
        name: z.string().regex(/^[-_\p{Ll}\p{N}]{1,32}$/u, 'Names of slash commands are lower case'),
        description: text(100),
        description_localizations: localised(100),
        options: z
          .array(
            z.union([
              z.strictObject({ type: z.literal(ApplicationCommandOptionType.Attachment), ...option }),
              // Suggestions, or choices: never both.
              z.strictObject({ ...string, autocomplete: z.literal(true) }),
              z.strictObject({
                ...string,
                choices: z
                  .array(z.strictObject({ name: text(100), value: text(100) }))
                  .max(25)
                  .exactOptional(),
              }),
            ]),
          )
          .max(25)
          .refine(
            (all) => all.every(({ required }, at) => !required || at === 0 || all[at - 1]!.required),
            'Required options must be placed before non-required options',
          ),
      }),
      z.strictObject({
        type: z.literal(ApplicationCommandType.Message),
        name: text(32),
        name_localizations: localised(32),
      }),
    ]),
  )
  .max(105);

/** What a server's admins can ask of people before they get a role. */
export const roleMetadata = z
  .array(
    z.strictObject({
      type: z.enum(ApplicationRoleConnectionMetadataType),
      key: z.string().regex(/^[a-z0-9_]{1,50}$/),
      name: text(100),
      name_localizations: localised(100),
      description: text(200),
      description_localizations: localised(200),
    }),
  )
  .max(5);
/** Values are whole numbers, 0 or 1, or moments in ISO 8601. */
export const roleConnection = z.strictObject({
  platform_name: z.string().max(50).exactOptional(),
  platform_username: z.string().max(100).exactOptional(),
  metadata: z
    .record(z.string(), z.union([z.int().min(-2_147_483_648).max(2_147_483_647), z.iso.datetime()]))
    .exactOptional(),
});

/** Whatever is taken here is what the published types of Discord's API allow: checked when this is compiled. */
type Allowed<Taken extends Given, Given> = readonly [Taken, Given];
export type AsPublished = [
  Allowed<z.output<typeof response>, APIInteractionResponse>,
  Allowed<z.output<typeof modal>, APIModalInteractionResponseCallbackData>,
  Allowed<z.output<typeof message>, RESTPostAPIChannelMessageJSONBody>,
  Allowed<z.output<typeof message>, RESTPatchAPIInteractionOriginalResponseJSONBody>,
  Allowed<z.output<typeof commands>, RESTPutAPIApplicationCommandsJSONBody>,
  Allowed<z.output<typeof roleMetadata>, RESTPutAPIApplicationRoleConnectionMetadataJSONBody>,
  Allowed<z.output<typeof roleConnection>, RESTPutAPICurrentUserApplicationRoleConnectionJSONBody>,
];
