import type { Command } from '../command.ts';
import { list, text, title } from '../message.ts';

/** What is kept of whom, for how long, and how it goes away again. */
export const privacy: Command = {
  name: 'privacy',
  fields: [],
  guards: [],
  run: async function* ({ texts }) {
    const words = texts.commands.privacy;
    yield {
      message: {
        blocks: [title(words.title), text(words.intro), list(words.points.map((point) => [point])), text(words.rights)],
        isPrivate: true,
      },
    };
  },
};
