import type { Command } from '../command.ts';
import { list, text, title } from '../message.ts';

/** Says what there is, in the order in which people come to need it. */
export const helpOf = (commands: () => readonly Command[]): Command => ({
  name: 'help',
  fields: [],
  guards: [],
  run: async function* ({ texts }) {
    const words = texts.commands.help;
    const abouts: Readonly<Record<string, { readonly about: string }>> = texts.commands;
    yield {
      message: {
        blocks: [
          title(words.title),
          text(words.intro),
          list(commands().map(({ name }) => [{ code: `/${name}` }, ` · ${abouts[name]!.about}`])),
        ],
        isPrivate: true,
      },
    };
  },
});
