import { z } from 'zod';
import type { Command } from '../command.ts';
import { openOf, shortAddress, shortened, shortName } from '../format.ts';
import { list, type Span, text, title } from '../message.ts';

const wei = z.string().transform(BigInt);
const places = 10;

const overall = z.object({
  rewardAccounts: z.object({ nodes: z.array(z.object({ accountAddress: z.string(), attributed: wei })) }),
});
const ofDatanet = z.object({
  datanet: z.object({ name: z.string() }).nullable(),
  datanetContributors: z.object({
    nodes: z.array(z.object({ contributorAddress: z.string(), attributed: wei, acceptedCount: z.number() })),
  }),
});

/** Whose data earned most: of all, or in one datanet. */
export const leaderboard: Command = {
  name: 'leaderboard',
  isPublic: true,
  fields: [{ name: 'datanet', kind: 'datanet', isRequired: false }],
  guards: [],
  run: async function* ({ api, texts }, { datanet }) {
    const words = texts.commands.leaderboard;
    const row = (place: number, address: string, earned: bigint, more = ''): Span[] => [
      `${place}. `,
      { code: shortAddress(address) },
      ` · ${openOf(earned, texts)}${more}`,
    ];
    if (typeof datanet === 'string' && datanet !== '') {
      const found = await api.ask(
        `query($id: BigInt!, $first: Int!) {
          datanet(id: $id) { name }
          datanetContributors(
            first: $first
            filter: { datanetId: { eq: $id } }
            orderBy: [{ field: ATTRIBUTED, direction: DESC }]
          ) { nodes { contributorAddress attributed acceptedCount } }
        }`,
        ofDatanet,
        { id: datanet, first: places },
      );
      if (found.datanet === null) {
        yield { message: { blocks: [text(words.unknown(shortened(datanet, 20)))], isPrivate: true } };
        return;
      }
      const rows = found.datanetContributors.nodes.map((each, at) =>
        row(at + 1, each.contributorAddress, each.attributed, ` · ${words.accepted(each.acceptedCount)}`),
      );
      yield {
        message: {
          blocks: [title(words.of(shortName(found.datanet.name))), rows.length > 0 ? list(rows) : text(words.none)],
          isPrivate: false,
        },
      };
      return;
    }
    const { rewardAccounts } = await api.ask(
      `query($first: Int!) {
        rewardAccounts(first: $first, orderBy: [{ field: ATTRIBUTED, direction: DESC }]) {
          nodes { accountAddress attributed }
        }
      }`,
      overall,
      { first: places },
    );
    const rows = rewardAccounts.nodes.map((each, at) => row(at + 1, each.accountAddress, each.attributed));
    yield {
      message: { blocks: [title(words.title), rows.length > 0 ? list(rows) : text(words.none)], isPrivate: false },
    };
  },
};
