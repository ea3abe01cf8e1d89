import type { Replies } from '../core/command.ts';
import type { Message } from '../core/message.ts';
import { BlockedError, type TelegramClient } from './client.ts';
import { type Part, render } from './render.ts';

export type CarryInlineOptions = {
  readonly client: TelegramClient;
  readonly replies: Replies;
  /** The message that was sent in the bot's name, in whichever chat. */
  readonly inlineMessageId: string;
  readonly alone: number;
  /** Stands in the message when what is said is for the person alone. */
  readonly elsewhere: Part;
};

const pace = 1_100;

/** Writes what a command says into a message in a chat that the bot is not in; what is private goes to the person alone. */
export const carryInline = async (options: CarryInlineOptions): Promise<void> => {
  const { client, replies, inlineMessageId, alone, elsewhere } = options;
  let editedAt = 0;
  let waiting: Message | undefined;
  const show = async (message: Message): Promise<void> => {
    waiting = undefined;
    editedAt = Date.now();
    const parts = render(message);
    if (!message.isPrivate) return client.editInline(inlineMessageId, parts[0]!);
    await client.editInline(inlineMessageId, elsewhere);
    try {
      for (const part of parts) await client.send(alone, part);
    } catch (error) {
      // They never wrote to the bot: the message leads there.
      if (!(error instanceof BlockedError)) throw error;
    }
  };
  for await (const reply of replies) {
    if ('form' in reply) return;
    if (reply.message.isPrivate || Date.now() - editedAt >= pace) await show(reply.message);
    else waiting = reply.message;
  }
  if (waiting === undefined) return;
  const rest = pace - (Date.now() - editedAt);
  if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  await show(waiting);
};
