import { z } from 'zod';
import { ApiError } from '../api/client.ts';
import type { Command, Replies } from '../command.ts';
import type { Context } from '../context.ts';
import { openOf } from '../format.ts';
import { unlessCool } from '../guards/cooldown.ts';
import { linked } from '../guards/linked.ts';
import { type Block, list, type Message, quote, type Span, text } from '../message.ts';
import { pageFor } from '../pages.ts';

const longestQuestion = 2_000;
const maxTokens = 256;
/** Low: an answer that others read along keeps to what the model has learned. */
const temperature = 0.3;
/** Milliseconds between two changes of a message: platforms take no more. */
const pace = 1_200;

const message = z.object({
  inferStream: z.object({
    text: z.string(),
    requestId: z.string(),
    answer: z
      .object({
        text: z.string(),
        requestId: z.string(),
        fee: z.string().transform(BigInt).nullable(),
        inputTokens: z.number(),
        outputTokens: z.number(),
      })
      .nullable(),
  }),
});

/** Asks a model, shows the answer while it is written, and then what it drew on. */
export const ask: Command = {
  name: 'ask',
  isPublic: true,
  fields: [
    { name: 'model', kind: 'model', isRequired: true },
    { name: 'question', kind: 'long', isRequired: true, most: longestQuestion },
  ],
  guards: [linked],
  run: (context, { model, question }) =>
    typeof model === 'string' && typeof question === 'string' && question.trim() !== ''
      ? answering(context, model, question.trim())
      : asking(context, typeof model === 'string' ? model : ''),
  actions: {
    form: (context, [model = '']) => asking(context, model),
    send: (context, [model = ''], { question }) =>
      typeof question === 'string' ? answering(context, model, question.trim()) : asking(context, model),
  },
};

async function* asking({ texts }: Context, model: string): Replies {
  const words = texts.commands.ask;
  yield {
    form: {
      title: words.title,
      fields: [
        ...(model === '' ? [{ name: 'model', kind: 'model', isRequired: true, label: words.model } as const] : []),
        { name: 'question', kind: 'long', isRequired: true, most: longestQuestion, label: words.question },
      ],
      submit: { command: 'ask', action: 'send', args: model === '' ? [] : [model] },
    },
  };
}

async function* answering(context: Context, model: string, question: string): Replies {
  const { wallet, texts, signal } = context;
  const wait = await unlessCool(context, 'ask');
  if (wait !== undefined) return yield { message: wait };
  const words = texts.commands.ask;
  const { api } = (await wallet())!;
  const said = (answer: string, ...more: readonly Block[]): Message => ({
    blocks: [text({ bold: words.asked }), quote(question), quote(answer === '' ? '…' : answer), ...more],
    isPrivate: false,
  });
  let written = '';
  let shownAt = 0;
  yield { message: said('') };
  const pieces = api.follow(
    'subscription($input: InferInput!) { inferStream(input: $input) { text requestId answer { text requestId fee inputTokens outputTokens } } }',
    message,
    { input: { modelId: model, messages: [{ role: 'USER', content: question }], maxTokens, temperature } },
    { signal },
  );
  try {
    for await (const { inferStream: piece } of pieces) {
      written += piece.text;
      if (piece.answer !== null) {
        const { fee, inputTokens, outputTokens, text: whole, requestId } = piece.answer;
        const price = fee === null || fee === 0n ? words.free : openOf(fee, texts);
        yield {
          message: {
            ...said(whole, text(words.cost(price, `${inputTokens}`, `${outputTokens}`))),
            buttons: [[{ label: words.why, press: { command: 'why', action: 'show', args: [shortId(requestId)] } }]],
          },
        };
        return;
      }
      if (Date.now() - shownAt < pace) continue;
      shownAt = Date.now();
      yield { message: said(written) };
    }
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'PAYMENT_REQUIRED')) throw error;
    if (error.payment === undefined) throw error;
    yield* paying(context, error.payment);
  }
}

type Payment = NonNullable<ApiError['payment']>;

/** Buttons hold 64 bytes, and a request's id has 66 in hex. */
const shortId = (requestId: string): string => Buffer.from(requestId.slice(2), 'hex').toString('base64url');

async function* paying(context: Context, { worker, cumulativeAmount: least }: Payment): Replies {
  const { texts, wallet } = context;
  const { account } = (await wallet())!;
  const words = texts.commands.ask;
  const rows: Span[][] = words.paySteps.map((step) => [step]);
  yield {
    message: {
      blocks: [text(words.pay), list(rows)],
      buttons: [[{ label: words.payOpen, url: pageFor(context, 'pay', { worker, least, account }) }]],
      isPrivate: true,
    },
  };
}
