import { z } from 'zod';
import type { Command, GivenFile, Input, Replies } from '../command.ts';
import type { Context, Wallet } from '../context.ts';
import { fileTrouble, largestFile, textTypeOf } from '../files.ts';
import { shortened } from '../format.ts';
import { consented } from '../guards/consented.ts';
import { unlessCool } from '../guards/cooldown.ts';
import { linked } from '../guards/linked.ts';
import { type Button, list, text, title } from '../message.ts';
import { suggestionsFor } from '../suggestions.ts';

/** Open licences that anybody understands, the freest last. */
export const licences = ['CC-BY-4.0', 'CC0-1.0', 'MIT'] as const;
const longest = 4_000;
/** What the API takes as a text; larger files are uploaded. */
const inline = 90_000;

const state = z.enum(['FAILED', 'FINAL', 'HELD', 'MINED', 'PENDING', 'REFUSED', 'SUBMITTED']);
const submission = z.object({
  id: z.string(),
  state,
  error: z.string().nullable(),
  findings: z.array(z.object({ check: z.string(), outcome: z.string(), explanation: z.string() })),
  contribution: z.object({ contributionId: z.string(), status: z.string() }).nullable(),
});
type Submission = z.output<typeof submission>;
const fieldsOf = 'id state error findings { check outcome explanation } contribution { contributionId status }';
const submitted = z.object({ submitContribution: z.object({ repeated: z.boolean(), submission }) });
const looked = z.object({ submission: submission.nullable() });

/** Sends a text, a question with its answer, or a file to a datanet: never anything but what was given here for it. */
export const contribute: Command = {
  name: 'contribute',
  fields: [
    { name: 'datanet', kind: 'datanet', isRequired: true },
    { name: 'text', kind: 'long', isRequired: false, most: longest },
    { name: 'file', kind: 'file', isRequired: false, most: largestFile },
    { name: 'licence', kind: 'choice', isRequired: false, choices: licences },
  ],
  guards: [linked, consented('CONTRIBUTE')],
  run: (context, input) => {
    const { datanet, text: words, file } = input;
    if (typeof datanet !== 'string' || datanet === '') return offered(context, '');
    return words === undefined && file === undefined ? offered(context, datanet) : sending(context, datanet, input);
  },
  actions: {
    /** Where a message of the person's own is to go, which they pointed at. */
    choose: (context) => choosing(context),
    from: (context, [datanet = ''], input) => sending(context, datanet, input),
    text: (context, [datanet = '']) => form(context, datanet, 'text'),
    pair: (context, [datanet = '']) => form(context, datanet, 'pair'),
    file: (context, [datanet = '']) => form(context, datanet, 'file'),
    send: (context, [datanet = ''], input) => sending(context, datanet, input),
    status: async function* (context, [id = '']) {
      const { api } = (await context.wallet())!;
      const found = await api.ask(`query($id: ID!) { submission(id: $id) { ${fieldsOf} } }`, looked, { id });
      if (found.submission === null) yield* say(context.texts.commands.contribute.gone);
      else yield* standing(context, found.submission, false);
    },
  },
};

async function* offered({ texts }: Context, datanet: string): Replies {
  const words = texts.commands.contribute;
  if (datanet === '') return yield* say(words.which);
  const button = (label: string, action: string): Button => ({
    label,
    press: { command: 'contribute', action, args: [datanet] },
  });
  yield {
    message: {
      blocks: [title(words.title(datanet)), text(words.how)],
      buttons: [[button(words.asText, 'text'), button(words.asPair, 'pair'), button(words.asFile, 'file')]],
      isPrivate: true,
    },
  };
}

const buttonsAtMost = 10;

async function* choosing(context: Context): Replies {
  const words = context.texts.commands.contribute;
  const choices = (await suggestionsFor(context, { name: 'datanet', kind: 'datanet', isRequired: true }, '')).slice(
    0,
    buttonsAtMost,
  );
  if (choices.length === 0) return yield* say(context.texts.commands.datanets.none);
  yield {
    message: {
      blocks: [text(words.whereTo)],
      buttons: [
        choices.map(
          ({ label, value }): Button => ({
            label: shortened(label, 60),
            press: { command: 'contribute', action: 'from', args: [value] },
          }),
        ),
      ],
      isPrivate: true,
    },
  };
}

async function* form({ texts }: Context, datanet: string, kind: 'text' | 'pair' | 'file'): Replies {
  const words = texts.commands.contribute;
  const long = (name: string, label: string) =>
    ({ name, kind: 'long', isRequired: true, most: longest, label }) as const;
  const fields = {
    text: [{ ...long('text', words.text), hint: words.textHint }],
    pair: [long('question', words.question), long('answer', words.answer)],
    file: [
      { name: 'file', kind: 'file', isRequired: true, most: largestFile, label: words.file, hint: words.fileHint },
    ],
  } as const;
  yield {
    form: {
      title: words.title(datanet),
      fields: fields[kind],
      submit: { command: 'contribute', action: 'send', args: [datanet] },
    },
  };
}

async function* sending(context: Context, datanet: string, input: Input): Replies {
  const { file } = input;
  const trouble = typeof file === 'object' ? fileTrouble(file) : undefined;
  if (trouble !== undefined) return yield* say(context.texts.commands.contribute.files[trouble]);
  const wallet = (await context.wallet())!;
  const given = await contentOf(wallet, input);
  if (given === undefined) return yield* offered(context, datanet);
  const wait = await unlessCool(context, 'contribute', numberOf(datanet));
  if (wait !== undefined) return yield { message: wait };
  const licence = typeof input.licence === 'string' && input.licence !== '' ? input.licence : licences[0];
  const { submitContribution } = await wallet.api.ask(
    `mutation($input: SubmitContributionInput!) {
      submitContribution(input: $input) { repeated submission { ${fieldsOf} } }
    }`,
    submitted,
    { input: { datanetId: datanet, content: given, license: licence } },
  );
  yield* standing(context, submitContribution.submission, submitContribution.repeated);
}

/** One datanet, however it is written. */
const numberOf = (typed: string): string | undefined =>
  /^\d{1,20}$/.test(typed.trim()) ? `${BigInt(typed.trim())}` : undefined;

type Content = { readonly text: string; readonly mediaType: string } | { readonly upload: string };

const contentOf = async (
  { api }: Wallet,
  { text: words, question, answer, file }: Input,
): Promise<Content | undefined> => {
  if (typeof question === 'string' && typeof answer === 'string') {
    return { text: `${JSON.stringify({ question, answer })}\n`, mediaType: 'application/jsonl' };
  }
  if (typeof words === 'string' && words.trim() !== '') return { text: words, mediaType: 'text/plain' };
  if (file === undefined || typeof file === 'string') return undefined;
  if (file.body.length <= inline && !isPdf(file)) {
    return { text: new TextDecoder().decode(file.body), mediaType: textTypeOf(file) };
  }
  return { upload: await api.upload(file) };
};

const isPdf = ({ body }: GivenFile): boolean => Buffer.from(body.subarray(0, 5)).toString('latin1') === '%PDF-';

/** What became of it, and why. */
async function* standing(
  { texts }: Context,
  { id, state: at, error, findings, contribution }: Submission,
  again: boolean,
): Replies {
  const words = texts.commands.contribute;
  const wrong = findings.filter(({ outcome }) => outcome !== 'ACCEPT');
  const isOver = at === 'FINAL' || at === 'REFUSED' || at === 'FAILED';
  yield {
    message: {
      blocks: [
        title(words.states[at]),
        ...(again ? [text(words.repeated)] : []),
        ...(contribution === null ? [] : [text(words.number(contribution.contributionId))]),
        ...(error === null ? [] : [text(error)]),
        ...(wrong.length === 0
          ? []
          : [list(wrong.map((finding) => [{ bold: finding.check }, ` · ${finding.explanation}`]))]),
      ],
      buttons: isOver ? [] : [[{ label: words.look, press: { command: 'contribute', action: 'status', args: [id] } }]],
      isPrivate: true,
    },
  };
}

async function* say(words: string): Replies {
  yield { message: { blocks: [text(words)], isPrivate: true } };
}
