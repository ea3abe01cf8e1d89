import type { Form, Replies } from '../core/command.ts';
import type { Message } from '../core/message.ts';
import { ephemeral, type Interaction, kinds, responses } from './interaction.ts';
import { modalOf } from './modal.ts';
import { type Attachment, render } from './render.ts';
import type { DiscordRest } from './rest.ts';

export type RespondOptions = {
  readonly rest: DiscordRest;
  readonly interaction: Interaction;
  /** The first answer: over REST, or as the body of the request that the interaction came with. */
  readonly first: (response: Readonly<Record<string, unknown>>, files: readonly Attachment[]) => Promise<void>;
  readonly replies: Replies;
  /** What is answered is for everybody in the place. */
  readonly isPublic: boolean;
  /** It comes after the message whose button was pressed, which stays. */
  readonly isApart: boolean;
  /** Keeps a form that came too late to be opened at once. @returns what its button says */
  readonly keepForm: (form: Form) => Promise<string>;
  /** What a form's dialog says when it is handed in. */
  readonly submitOf: (form: Form) => Promise<string>;
  readonly words: { readonly openForm: string; readonly formReady: string };
};

/** Milliseconds for a first answer before Discord is told to wait: it gives three seconds in all. */
const patience = 500;
/** Between two edits of a message. */
const pace = 1_200;
/** Of an interaction's token, in milliseconds, with a margin. */
const tokenLasts = 14.5 * 60_000;

/** Carries out what a command says, within Discord's times: a first answer at once, the others as edits of it. */
export const respond = async (options: RespondOptions): Promise<void> => {
  const { rest, interaction, first, replies, isPublic, isApart, keepForm, submitOf, words } = options;
  const began = Date.now();
  const { application_id: application, token } = interaction;
  const isComponent = interaction.type === kinds.component;
  const wasPrivate = ((interaction.message?.flags ?? 0) & ephemeral) !== 0;
  // A button's message is changed in place where the same people see it.
  const inPlace = isComponent && !isApart && (interaction.guild_id === undefined || wasPrivate === !isPublic);
  const flags = isPublic ? {} : { flags: ephemeral };
  let isAnswered = false;
  let editedAt = 0;
  let waiting: Message | undefined;
  let shown = '';

  const bodyOf = (message: Message) => {
    const { files, ...body } = render(message);
    // Attachments of the message before are not this one's.
    return { body: { ...body, content: '', attachments: [] as const }, files };
  };
  const show = async (message: Message): Promise<void> => {
    waiting = undefined;
    const { body, files } = bodyOf(message);
    const key = JSON.stringify([body.embeds, body.components, files.map(({ name }) => name)]);
    if (key === shown) return;
    shown = key;
    editedAt = Date.now();
    if (!isAnswered) {
      isAnswered = true;
      const type = inPlace ? responses.update : responses.message;
      const { attachments: _, ...rest } = body;
      await first({ type, data: { ...(inPlace ? body : rest), ...(inPlace ? {} : flags) } }, files);
      return;
    }
    if (Date.now() - began > tokenLasts) return;
    await rest.editOriginal(application, token, body, files);
  };
  const open = async (form: Form): Promise<void> => {
    if (!isAnswered) {
      isAnswered = true;
      await first({ type: responses.modal, data: modalOf(form, await submitOf(form)) }, []);
      return;
    }
    const button = { type: 2, style: 1, label: words.openForm.slice(0, 80), custom_id: await keepForm(form) };
    await rest.editOriginal(application, token, {
      embeds: [{ description: words.formReady }],
      components: [{ type: 1, components: [button] }],
      allowed_mentions: { parse: [] },
    });
  };

  const timer = setTimeout(() => {
    if (isAnswered) return;
    isAnswered = true;
    const type = inPlace ? responses.deferredUpdate : responses.deferred;
    deferring = first({ type, ...(inPlace ? {} : { data: flags }) }, []);
    deferring.catch(() => {});
  }, patience);
  let deferring: Promise<void> | undefined;
  try {
    for await (const reply of replies) {
      await deferring;
      if ('form' in reply) return await open(reply.form);
      if (Date.now() - editedAt >= pace) await show(reply.message);
      else waiting = reply.message;
    }
    await deferring;
    if (waiting !== undefined) {
      const rest = pace - (Date.now() - editedAt);
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      await show(waiting);
    }
  } finally {
    clearTimeout(timer);
  }
};
