import { z } from 'zod';

// What the Bot API takes, as far as bots here use it. https://core.telegram.org/bots/api

/** Multipart forms carry JSON as text. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (typeof value === 'string' ? JSON.parse(value) : value), schema);
const id = z.coerce.number().int();
const button = z
  .strictObject({
    text: z.string().min(1),
    callback_data: z
      .string()
      .refine((data) => Buffer.byteLength(data) >= 1 && Buffer.byteLength(data) <= 64, 'BUTTON_DATA_INVALID')
      .optional(),
    url: z.url().optional(),
  })
  .refine(
    ({ callback_data: data, url }) => (data === undefined) !== (url === undefined),
    'Text buttons are unallowed in the inline keyboard',
  );
const keyboard = z.strictObject({ inline_keyboard: z.array(z.array(button).min(1).max(8)).max(100) });
const markup = json(keyboard).optional();
const placed = {
  reply_markup: json(
    z.union([keyboard, z.strictObject({ force_reply: z.literal(true), selective: z.boolean() })]),
  ).optional(),
  reply_parameters: json(
    z.strictObject({ message_id: z.coerce.number().int(), allow_sending_without_reply: z.boolean() }),
  ).optional(),
  message_thread_id: z.coerce.number().int().optional(),
};
const preview = json(z.object({ is_disabled: z.boolean() })).optional();
const parseMode = z.literal('HTML').optional();
const attached = z.custom<File>((value) => value instanceof File && value.size > 0, 'file must be non-empty');

export const methods = {
  getMe: z.object({}),
  getUpdates: z.object({
    offset: id.optional(),
    limit: id.optional(),
    timeout: id.optional(),
    allowed_updates: json(z.array(z.string())).optional(),
  }),
  setWebhook: z.object({
    url: z.string(),
    secret_token: z
      .string()
      .regex(/^[\w-]{1,256}$/)
      .optional(),
    allowed_updates: json(z.array(z.string())).optional(),
  }),
  deleteWebhook: z.object({ drop_pending_updates: z.coerce.boolean().optional() }),
  sendMessage: z.object({
    chat_id: id,
    text: z.string(),
    parse_mode: parseMode,
    ...placed,
    link_preview_options: preview,
  }),
  editMessageText: z.object({
    chat_id: id.optional(),
    message_id: id.optional(),
    inline_message_id: z.string().optional(),
    text: z.string(),
    parse_mode: parseMode,
    reply_markup: markup,
    link_preview_options: preview,
  }),
  sendPhoto: z.object({
    chat_id: id,
    photo: attached,
    caption: z.string().optional(),
    parse_mode: parseMode,
    ...placed,
  }),
  sendDocument: z.object({
    chat_id: id,
    document: attached,
    caption: z.string().optional(),
    parse_mode: parseMode,
    ...placed,
  }),
  sendChatAction: z.object({ chat_id: id, action: z.string() }),
  answerCallbackQuery: z.object({
    callback_query_id: z.string(),
    text: z.string().max(200).optional(),
    url: z.string().optional(),
  }),
  answerInlineQuery: z.object({
    inline_query_id: z.string(),
    results: json(
      z
        .array(
          z.strictObject({
            type: z.literal('article'),
            id: z
              .string()
              .refine((id) => Buffer.byteLength(id) >= 1 && Buffer.byteLength(id) <= 64, 'RESULT_ID_INVALID'),
            title: z.string().min(1),
            description: z.string(),
            input_message_content: z.strictObject({
              message_text: z.string().min(1),
              parse_mode: z.literal('HTML'),
              link_preview_options: z.object({ is_disabled: z.boolean() }),
            }),
            reply_markup: keyboard,
          }),
        )
        .max(50),
    ),
    cache_time: z.coerce.number().int().min(0).optional(),
    is_personal: z.coerce.boolean().optional(),
    button: json(
      z.strictObject({ text: z.string().min(1).max(64), start_parameter: z.string().regex(/^[\w-]{1,64}$/) }),
    ).optional(),
  }),
  getFile: z.object({ file_id: z.string() }),
  getChatMember: z.object({ chat_id: id, user_id: id }),
  setMyCommands: z.object({
    commands: json(
      z
        .array(
          z.strictObject({ command: z.string().regex(/^[a-z0-9_]{1,32}$/), description: z.string().min(1).max(256) }),
        )
        .max(100),
    ),
    language_code: z.string().length(2).optional(),
  }),
} as const;

export type Method = keyof typeof methods;
export const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);
