import { type APIInteractionResponse, InteractionResponseType, MessageFlags } from 'discord-api-types/v10';
import type { Form, Replies } from '../core/command.ts';
import { type Message, text } from '../core/message.ts';
import { type Interaction, kinds } from './interaction.ts';
import { modalOf } from './modal.ts';
import { type Attachment, attachmentsOf, filesOf, render, withButton } from './render.ts';
import type { DiscordRest } from './rest.ts';

/** Gives the first answer. */
export type First = (response: APIInteractionResponse, files: readonly Attachment[]) => Promise<void>;

export type RespondOptions = {
  readonly rest: DiscordRest;
  readonly interaction: Interaction;
  /** The first answer: over REST, or as the body of the request that the interaction came with. */
  readonly first: First;
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
  const wasPrivate = ((interaction.message?.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
  // A button's message is changed in place where the same people see it.
  const inPlace = isComponent && !isApart && (interaction.guild_id === undefined || wasPrivate === !isPublic);
  const visibility = isPublic ? 0 : MessageFlags.Ephemeral;
  let isAnswered = false;
  let editedAt = 0;
  let waiting: Message | undefined;
  let shown = '';

  const show = async (message: Message): Promise<void> => {
    waiting = undefined;
    const body = render(message);
    const files = filesOf(message);
    const key = JSON.stringify([body.components, files.map(({ name }) => name)]);
    if (key === shown) return;
    shown = key;
    editedAt = Date.now();
    const attachments = attachmentsOf(files);
    if (!isAnswered) {
      isAnswered = true;
      if (inPlace) await first({ type: InteractionResponseType.UpdateMessage, data: { ...body, attachments } }, files);
      else {
        const data = { ...body, attachments, flags: body.flags | visibility };
        await first({ type: InteractionResponseType.ChannelMessageWithSource, data }, files);
      }
      return;
    }
    if (Date.now() - began > tokenLasts) return;
    await rest.editOriginal(application, token, { ...body, attachments }, files);
  };
  const open = async (form: Form): Promise<void> => {
    if (!isAnswered) {
      isAnswered = true;
      await first({ type: InteractionResponseType.Modal, data: modalOf(form, await submitOf(form)) }, []);
      return;
    }
    const ready = render({ blocks: [text(words.formReady)], isPrivate: true });
    await rest.editOriginal(application, token, withButton(ready, words.openForm, await keepForm(form)));
  };

  const timer = setTimeout(() => {
    if (isAnswered) return;
    isAnswered = true;
    const data = { flags: visibility };
    deferring = first(
      inPlace
        ? { type: InteractionResponseType.DeferredMessageUpdate }
        : { type: InteractionResponseType.DeferredChannelMessageWithSource, data },
      [],
    );
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
