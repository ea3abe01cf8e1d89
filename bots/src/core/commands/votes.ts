import { z } from 'zod';
import { chainTime, inSeconds } from '../api/chainTime.ts';
import type { Command } from '../command.ts';
import { dateOf, shortened } from '../format.ts';
import { list, type Span, text, title } from '../message.ts';

const most = 5;
const answer = z.object({
  proposals: z.object({
    nodes: z.array(
      z.object({ description: z.string(), voteStart: z.string(), voteEnd: z.string(), voterCount: z.number() }),
    ),
  }),
});

/** What is being voted on, and until when. */
export const votes: Command = {
  name: 'votes',
  isPublic: true,
  fields: [],
  guards: [],
  run: async function* ({ api, texts }) {
    const words = texts.commands.votes;
    const now = await chainTime(api);
    const { proposals } = await api.ask(
      `query($first: Int!, $now: DateTime!) {
        proposals(
          first: $first
          filter: { status: { eq: CREATED }, voteEnd: { gt: $now } }
        ) { nodes { description voteStart voteEnd voterCount } }
      }`,
      answer,
      { first: most, now: inSeconds(now) },
    );
    if (proposals.nodes.length === 0) {
      yield { message: { blocks: [title(words.title), text(words.none)], isPrivate: false } };
      return;
    }
    yield {
      message: {
        blocks: [
          title(words.title),
          list(
            proposals.nodes.map((each): Span[] => [
              { bold: shortened(each.description.replace(/^#+\s*/, ''), 120) },
              ` · ${
                new Date(each.voteStart) > now
                  ? words.begins(dateOf(each.voteStart, texts))
                  : words.ends(dateOf(each.voteEnd, texts))
              } · ${words.voters(each.voterCount)}`,
            ]),
          ),
        ],
        buttons: [[{ label: words.remind, press: { command: 'alerts', action: 'on', args: ['governance', 'self'] } }]],
        isPrivate: false,
      },
    };
  },
};
