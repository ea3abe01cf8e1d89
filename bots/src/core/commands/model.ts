import { z } from 'zod';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { numberOf, openOf, shortened, shortName } from '../format.ts';
import { type Button, fields, list, type Message, type Span, text, title } from '../message.ts';

const wei = z.string().transform(BigInt);
const perPage = 5;

const one = z.object({
  model: z
    .object({
      modelId: z.string(),
      name: z.string(),
      latestVersion: z.number(),
      inputPricePer1k: wei,
      outputPricePer1k: wei,
      inferenceCount: wei,
      fees: wei,
      serving: z.array(z.object({ state: z.string(), isOnline: z.boolean() })),
    })
    .nullable(),
});
const some = z.object({
  models: z.object({
    nodes: z.array(
      z.object({
        modelId: z.string(),
        name: z.string(),
        inputPricePer1k: wei,
        outputPricePer1k: wei,
        inferenceCount: wei,
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
});

/** Models that may be asked, or one of them in full. */
export const model: Command = {
  name: 'model',
  isPublic: true,
  fields: [{ name: 'model', kind: 'model', isRequired: false }],
  guards: [],
  run: async function* (context, { model: id }) {
    yield {
      message: typeof id === 'string' && id !== '' ? await shown(context, id) : await listed(context, undefined),
    };
  },
  actions: {
    page: async function* (context, [below]) {
      yield { message: await listed(context, below) };
    },
    show: async function* (context, [id = '']) {
      yield { message: await shown(context, id) };
    },
  },
};

const priceOf = ({ texts }: Context, { inputPricePer1k: into, outputPricePer1k: out }: Priced): string =>
  into === 0n && out === 0n
    ? texts.commands.model.free
    : texts.commands.model.price(openOf(into, texts), openOf(out, texts));
type Priced = { readonly inputPricePer1k: bigint; readonly outputPricePer1k: bigint };

const listed = async (context: Context, below: string | undefined): Promise<Message> => {
  const { api, texts } = context;
  const words = texts.commands.model;
  const { models } = await api.ask(
    `query($first: Int!, $filter: ModelFilter!) {
      models(first: $first, filter: $filter, orderBy: [{ field: MODEL_ID, direction: DESC }]) {
        nodes { modelId name inputPricePer1k outputPricePer1k inferenceCount }
        pageInfo { hasNextPage }
      }
    }`,
    some,
    { first: perPage, filter: { status: { eq: 'ACTIVE' }, ...(below && { modelId: { lt: below } }) } },
  );
  if (models.nodes.length === 0) return { blocks: [text(words.none)], isPrivate: false };
  const shows = models.nodes.map(
    ({ modelId, name }): Button => ({
      label: shortened(name, 40),
      press: { command: 'model', action: 'show', args: [modelId] },
    }),
  );
  const last = models.nodes.at(-1)!.modelId;
  const next: Button[] = models.pageInfo.hasNextPage
    ? [{ label: texts.shared.next, press: { command: 'model', action: 'page', args: [last] } }]
    : [];
  return {
    blocks: [
      title(words.title),
      list(
        models.nodes.map((each): Span[] => [
          { bold: `#${each.modelId} ${shortName(each.name)}` },
          ` · ${priceOf(context, each)} · ${words.asked(numberOf(each.inferenceCount, texts))}`,
        ]),
      ),
    ],
    buttons: next.length > 0 ? [shows, next] : [shows],
    isPrivate: false,
  };
};

const shown = async (context: Context, id: string): Promise<Message> => {
  const { api, texts } = context;
  const words = texts.commands.model;
  const { model: found } = await api.ask(
    `query($id: BigInt!) {
      model(id: $id) {
        modelId name latestVersion inputPricePer1k outputPricePer1k inferenceCount fees serving { state isOnline }
      }
    }`,
    one,
    { id },
  );
  if (found === null) return { blocks: [text(words.unknown(shortened(id, 20)))], isPrivate: true };
  const online = found.serving.filter(({ isOnline }) => isOnline).length;
  return {
    blocks: [
      title(`#${found.modelId} ${shortName(found.name)}`),
      fields(
        [words.version, found.latestVersion === 0 ? words.unpublished : `${found.latestVersion}`],
        [words.costs, priceOf(context, found)],
        [words.answers, numberOf(found.inferenceCount, texts)],
        [words.paid, openOf(found.fees, texts)],
        [words.workers, online === 0 ? words.nobody : numberOf(online, texts)],
      ),
    ],
    buttons: [[{ label: words.ask, style: 'main', press: { command: 'ask', action: 'form', args: [found.modelId] } }]],
    isPrivate: false,
  };
};
