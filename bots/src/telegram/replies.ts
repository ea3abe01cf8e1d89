import type { Form, Replies } from '../core/command.ts';
import type { Message } from '../core/message.ts';
import { type Below, BlockedError, type Sent, type TelegramClient } from './client.ts';
import { type Part, render } from './render.ts';

export type CarryOptions = {
  readonly client: TelegramClient;
  readonly replies: Replies;
  /** Where it was asked, and where only the person reads along. */
  readonly here: number;
  readonly alone: number;
  /** Below what it stands there, in a group. */
  readonly below?: Below | undefined;
  /** The message whose button was pressed: what is said takes its place. */
  readonly pressed?: Sent | undefined;
  /** Said where it was asked, when the bot may not write to the person alone. */
  readonly cannotWrite: Part;
};

/** Milliseconds between two edits of a message: Telegram takes one a second in a chat. */
const pace = 1_100;

/**
 * Carries out what a command says: sends it, edits it while it changes, and splits it where it is too long.
 *
 * @returns the form that it ends with, if any
 */
export const carry = async (options: CarryOptions): Promise<Form | undefined> => {
  const { client, replies, here, alone, below, pressed, cannotWrite } = options;
  let shown: { readonly sent: Sent; readonly html: string } | undefined = pressed && { sent: pressed, html: '' };
  let editedAt = 0;
  let waiting: Message | undefined;

  const show = async (message: Message): Promise<void> => {
    waiting = undefined;
    const chatId = message.isPrivate ? alone : here;
    const [first, ...more] = render(message) as [Part, ...Part[]];
    const isSame = shown?.sent.chatId === chatId && first.kind === 'text' && shown.sent.kind === 'text';
    const key = JSON.stringify([first.kind === 'text' ? first.html : '', first.keyboard]);
    if (isSame && shown!.html === key && more.length === 0) return;
    editedAt = Date.now();
    const isEdited = isSame && (await client.edit(shown!.sent, first));
    try {
      const sent = isEdited ? shown!.sent : await client.send(chatId, first, chatId === here ? below : undefined);
      shown = { sent, html: key };
      for (const part of more) await client.send(chatId, part, chatId === here ? below : undefined);
    } catch (error) {
      if (!(error instanceof BlockedError) || chatId === here) throw error;
      await client.send(here, cannotWrite, below);
    }
  };

  for await (const reply of replies) {
    if ('form' in reply) {
      if (waiting !== undefined) await show(waiting);
      return reply.form;
    }
    if (Date.now() - editedAt >= pace) await show(reply.message);
    else waiting = reply.message;
  }
  if (waiting !== undefined) {
    const rest = pace - (Date.now() - editedAt);
    if (rest > 0 && shown !== undefined) await new Promise((resolve) => setTimeout(resolve, rest));
    await show(waiting);
  }
  return undefined;
};
