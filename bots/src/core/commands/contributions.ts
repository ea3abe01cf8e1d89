import { z } from 'zod';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { dateOf, openOf, shortName } from '../format.ts';
import { linked } from '../guards/linked.ts';
import { type Button, list, type Message, type Span, text, title } from '../message.ts';

const wei = z.string().transform(BigInt);
const perPage = 5;

const page = z.object({
  contributions: z.object({
    nodes: z.array(
      z.object({
        contributionId: z.string(),
        status: z.enum(['ACCEPTED', 'PENDING', 'REJECTED', 'REVOKED']),
        createdAt: z.string(),
        attributed: wei,
        attributionCount: z.number(),
        datanet: z.object({ name: z.string() }).nullable(),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
});

/** What a person gave, what became of it, and what it earned. */
export const contributions: Command = {
  name: 'contributions',
  fields: [],
  guards: [linked],
  run: async function* (context) {
    yield { message: await pageFrom(context, undefined) };
  },
  actions: {
    page: async function* (context, [below]) {
      yield { message: await pageFrom(context, below) };
    },
  },
};

const pageFrom = async ({ wallet, texts }: Context, below: string | undefined): Promise<Message> => {
  const words = texts.commands.contributions;
  const { api, account } = (await wallet())!;
  const { contributions: found } = await api.ask(
    `query($first: Int!, $filter: ContributionFilter!) {
      contributions(first: $first, filter: $filter, orderBy: [{ field: CONTRIBUTION_ID, direction: DESC }]) {
        nodes { contributionId status createdAt attributed attributionCount datanet { name } }
        pageInfo { hasNextPage }
      }
    }`,
    page,
    {
      first: perPage,
      filter: { contributorAddress: { eq: account }, ...(below && { contributionId: { lt: below } }) },
    },
  );
  if (found.nodes.length === 0) return { blocks: [title(words.title), text(words.none)], isPrivate: true };
  const last = found.nodes.at(-1)!.contributionId;
  const next: Button[] = found.pageInfo.hasNextPage
    ? [{ label: texts.shared.next, press: { command: 'contributions', action: 'page', args: [last] } }]
    : [];
  return {
    blocks: [
      title(words.title),
      list(
        found.nodes.map((each): Span[] => [
          { bold: `#${each.contributionId} ${shortName(each.datanet?.name ?? '')}` },
          ` · ${words.states[each.status]} · ${dateOf(each.createdAt, texts)}`,
          ...(each.attributionCount > 0
            ? [` · ${words.earned(openOf(each.attributed, texts), each.attributionCount)}`]
            : []),
        ]),
      ),
    ],
    buttons: next.length > 0 ? [next] : [],
    isPrivate: true,
  };
};
