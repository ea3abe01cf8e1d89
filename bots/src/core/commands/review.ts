import { z } from 'zod';
import type { Command, Replies } from '../command.ts';
import type { Context } from '../context.ts';
import { dateOf, shortened, shortName } from '../format.ts';
import { unlessCool } from '../guards/cooldown.ts';
import { linked } from '../guards/linked.ts';
import { fields, quote, text, title } from '../message.ts';

const shownText = 1_500;
const scale = 10n ** 16n;

const queue = z.object({
  reviewQueue: z.object({
    nodes: z.array(
      z.object({
        closesAt: z.string(),
        mediaType: z.string().nullable(),
        text: z.string().nullable(),
        contribution: z.object({
          contributionId: z.string(),
          rowCount: z.string(),
          datanet: z.object({ name: z.string() }).nullable(),
        }),
      }),
    ),
  }),
});
const done = z.object({ submitReview: z.object({ contributionId: z.string(), revealsFrom: z.string() }) });

/** Scores others' contributions, blind: nobody sees a score before all of them are revealed. */
export const review: Command = {
  name: 'review',
  fields: [],
  guards: [linked],
  run: (context) => next(context),
  actions: {
    form: async function* ({ texts }, [id = '']) {
      const words = texts.commands.review;
      yield {
        form: {
          title: words.formTitle(id),
          fields: [
            { name: 'score', kind: 'number', isRequired: true, label: words.score, hint: words.scoreHint },
            { name: 'notes', kind: 'long', isRequired: true, most: 1_000, label: words.notes },
          ],
          submit: { command: 'review', action: 'send', args: [id] },
        },
      };
    },
    send: async function* (context, [id = ''], { score, notes }) {
      const words = context.texts.commands.review;
      const points =
        typeof score === 'string' && /^(100|\d{1,2})$/.test(score.trim()) ? BigInt(score.trim()) : undefined;
      if (points === undefined || typeof notes !== 'string') return yield* say(words.badScore);
      const wait = await unlessCool(context, 'review');
      if (wait !== undefined) return yield { message: wait };
      const { api } = (await context.wallet())!;
      const { submitReview } = await api.ask(
        'mutation($input: SubmitReviewInput!) { submitReview(input: $input) { contributionId revealsFrom } }',
        done,
        { input: { contributionId: id, score: (points * scale).toString(), notes } },
      );
      yield {
        message: {
          blocks: [text(words.thanks(id, dateOf(submitReview.revealsFrom, context.texts)))],
          buttons: [[{ label: words.another, press: { command: 'review', action: 'next', args: [] } }]],
          isPrivate: true,
        },
      };
    },
    next: (context) => next(context),
  },
};

async function* next({ wallet, texts }: Context): Replies {
  const words = texts.commands.review;
  const { api } = (await wallet())!;
  const { reviewQueue } = await api.ask(
    `{ reviewQueue(first: 1) {
      nodes { closesAt mediaType text contribution { contributionId rowCount datanet { name } } }
    } }`,
    queue,
  );
  const [task] = reviewQueue.nodes;
  if (task === undefined) return yield* say(words.none);
  const { contributionId: id, rowCount, datanet } = task.contribution;
  yield {
    message: {
      blocks: [
        title(words.title(id)),
        fields(
          [words.datanet, [{ said: shortName(datanet?.name ?? '') }]],
          [words.rows, rowCount],
          [words.until, dateOf(task.closesAt, texts)],
        ),
        task.text === null ? text(words.noText) : quote(shortened(task.text, shownText)),
      ],
      buttons: [[{ label: words.judge, style: 'main', press: { command: 'review', action: 'form', args: [id] } }]],
      isPrivate: true,
    },
  };
}

async function* say(words: string): Replies {
  yield { message: { blocks: [text(words)], isPrivate: true } };
}
