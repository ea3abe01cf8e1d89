import { z } from 'zod';
import type { Command } from '../command.ts';
import { text } from '../message.ts';

const unlinked = z.object({ unlinkChatAccount: z.boolean() });

/** Ends the link to a wallet, here and at the API, where the bot's key ends with it. */
export const unlink: Command = {
  name: 'unlink',
  fields: [],
  guards: [],
  run: async function* ({ operator, person, texts, records }) {
    const { unlinkChatAccount } = await operator.ask(
      'mutation($platform: ChatPlatform!, $userId: String!) { unlinkChatAccount(platform: $platform, userId: $userId) }',
      unlinked,
      { platform: person.platform.toUpperCase(), userId: person.id },
    );
    await records.dropKey();
    const words = texts.commands.unlink;
    yield { message: { blocks: [text(unlinkChatAccount ? words.done : words.none)], isPrivate: true } };
  },
};
