import { z } from 'zod';
import type { Command, Replies } from '../command.ts';
import type { Context } from '../context.ts';
import { openOf, shortName } from '../format.ts';
import { linked } from '../guards/linked.ts';
import { list, type Span, text, title } from '../message.ts';

const wei = z.string().transform(BigInt);
const shownAtMost = 8;

const answer = z.object({
  explainAnswer: z
    .object({
      state: z.enum(['ESTIMATED', 'FINAL', 'NONE', 'POSTED', 'WAITING']),
      contributorsFee: wei,
      unattributed: wei.nullable(),
      contributions: z.array(
        z.object({
          contributionId: z.string(),
          sharePpm: z.number(),
          amount: wei,
          evidence: z.array(z.object({ kind: z.enum(['INFLUENCE', 'SPANS', 'RETRIEVAL']) })),
          contribution: z.object({
            datanet: z.object({ name: z.string() }).nullable(),
            contributorAddress: z.string(),
          }),
        }),
      ),
    })
    .nullable(),
});

/** What an answer drew on: which contributions, in which way, and what each gets of its fee. */
export const why: Command = {
  name: 'why',
  fields: [],
  isPublic: true,
  // The answer that it is about stays where it is.
  apart: ['show'],
  guards: [linked],
  run: async function* ({ texts }) {
    yield { message: { blocks: [text(texts.commands.why.how)], isPrivate: false } };
  },
  actions: {
    show: (context, [short = '']) => explained(context, short),
    again: (context, [short = '']) => explained(context, short),
  },
};

async function* explained({ wallet, texts }: Context, short: string): Replies {
  const words = texts.commands.why;
  const { api, account } = (await wallet())!;
  const requestId = `0x${Buffer.from(short, 'base64url').toString('hex')}`;
  const { explainAnswer: found } = await api.ask(
    `query($requestId: Bytes32!) {
          explainAnswer(requestId: $requestId) {
            state contributorsFee unattributed
            contributions {
              contributionId sharePpm amount
              evidence { kind }
              contribution { contributorAddress datanet { name } }
            }
          }
        }`,
    answer,
    { requestId },
  );
  if (found === null || found.state === 'WAITING') {
    const again = { command: 'why', action: 'again', args: [short] };
    yield {
      message: { blocks: [text(words.waits)], buttons: [[{ label: words.again, press: again }]], isPrivate: false },
    };
    return;
  }
  if (found.state === 'NONE' || found.contributions.length === 0) {
    yield { message: { blocks: [title(words.title), text(words.none)], isPrivate: false } };
    return;
  }
  const percent = (ppm: number): string =>
    (ppm / 1e6).toLocaleString(texts.locale, { style: 'percent', maximumFractionDigits: 1 });
  const rest = 1_000_000 - found.contributions.reduce((sum, { sharePpm }) => sum + sharePpm, 0);
  yield {
    message: {
      blocks: [
        title(words.title),
        list(
          found.contributions
            .slice(0, shownAtMost)
            .map((each): Span[] => [
              { bold: `#${each.contributionId} ${shortName(each.contribution.datanet?.name ?? '')}` },
              each.contribution.contributorAddress === account ? ` · ${words.yours}` : '',
              ` · ${words.share(percent(each.sharePpm))} (${openOf(each.amount, texts)})`,
              ` · ${each.evidence.map(({ kind }) => words.kinds[kind]).join(', ')}`,
            ]),
        ),
        ...(rest > 0 ? [text(words.unattributed(percent(rest)))] : []),
        text(words.verify, ' ', { code: `npm run verify -- receipt ${requestId}` }),
      ],
      isPrivate: false,
    },
  };
}
