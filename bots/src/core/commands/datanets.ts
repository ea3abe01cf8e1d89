import { z } from 'zod';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { shortName } from '../format.ts';
import { type Button, list, type Message, type Span, text, title } from '../message.ts';

const perPage = 5;

const page = z.object({
  datanets: z.object({
    nodes: z.array(
      z.object({
        datanetId: z.string(),
        name: z.string(),
        acceptedCount: z.coerce.number(),
        contributorCount: z.coerce.number(),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
});

/** What data is collected, the newest first. */
export const datanets: Command = {
  name: 'datanets',
  isPublic: true,
  fields: [],
  guards: [],
  run: async function* (context) {
    yield { message: await pageFrom(context, undefined) };
  },
  actions: {
    page: async function* (context, [below]) {
      yield { message: await pageFrom(context, below) };
    },
  },
};

/** @param below only numbers below this one: cursors are too long for buttons */
const pageFrom = async ({ api, texts }: Context, below: string | undefined): Promise<Message> => {
  const words = texts.commands.datanets;
  const { datanets: found } = await api.ask(
    `query($first: Int!, $filter: DatanetFilter!) {
      datanets(first: $first, filter: $filter) {
        nodes { datanetId name acceptedCount contributorCount }
        pageInfo { hasNextPage }
      }
    }`,
    page,
    { first: perPage, filter: { status: { eq: 'ACTIVE' }, ...(below && { datanetId: { lt: below } }) } },
  );
  if (found.nodes.length === 0) return { blocks: [text(words.none)], isPrivate: false };
  const last = found.nodes.at(-1)!.datanetId;
  const next: Button[] = found.pageInfo.hasNextPage
    ? [{ label: texts.shared.next, press: { command: 'datanets', action: 'page', args: [last] } }]
    : [];
  return {
    blocks: [
      title(words.title),
      list(
        found.nodes.map(({ datanetId, name, acceptedCount, contributorCount }): Span[] => [
          { bold: `#${datanetId} ${shortName(name)}` },
          ` · ${words.line(acceptedCount.toLocaleString(texts.locale), contributorCount.toLocaleString(texts.locale))}`,
        ]),
      ),
    ],
    buttons: next.length > 0 ? [next] : [],
    isPrivate: false,
  };
};
