import { z } from 'zod';
import { drawSeries } from '../../charts/series.ts';
import type { Choice, Command } from '../command.ts';
import { dateOf } from '../format.ts';
import { text, title } from '../message.ts';

/** What communities look at; the API has more. */
export const metricNames = [
  'CONTRIBUTIONS_SUBMITTED',
  'CONTRIBUTIONS_ACCEPTED',
  'ACTIVE_DEVELOPERS',
  'DEPLOYED_MODELS',
  'INFERENCES',
  'FEES',
  'REWARDS_ATTRIBUTED',
  'REWARDS_CLAIMED',
] as const;
export type MetricName = (typeof metricNames)[number];

const days = 30;

const answer = z.object({
  metric: z.object({
    unit: z.string(),
    definition: z.string(),
    blockTimestamp: z.string(),
    buckets: z.array(z.object({ start: z.string(), value: z.string().nullable(), partial: z.boolean() })),
  }),
});

/** A month of a figure, as a picture. */
export const metrics: Command = {
  name: 'metrics',
  isPublic: true,
  fields: [{ name: 'metric', kind: 'choice', isRequired: false, choices: metricNames }],
  guards: [],
  run: async function* ({ api, texts }, { metric }) {
    const words = texts.commands.metrics;
    const name = metricNames.find((each) => each === (metric ?? 'INFERENCES'));
    if (name === undefined) {
      yield { message: { blocks: [text(texts.telegram.oneOf(metricNames.join(', ')))], isPrivate: true } };
      return;
    }
    const from = new Date(Date.now() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const { metric: found } = await api.ask(
      `query($name: MetricName!, $from: DateTime!) {
        metric(name: $name, interval: DAY, from: $from) {
          unit definition blockTimestamp buckets { start value partial }
        }
      }`,
      answer,
      { name, from },
    );
    const isMoney = found.unit.toLowerCase().includes('wei');
    const points = found.buckets.map(({ start, value, partial }) => ({
      at: new Date(start),
      value: value === null ? undefined : Number(value) / (isMoney ? 1e18 : 1),
      isPartial: partial,
    }));
    const label = words.names[name];
    const png = await drawSeries({ title: label, unit: isMoney ? 'OPEN' : '', locale: texts.locale, points });
    const newest = points.findLast(({ value }) => value !== undefined);
    const shown = newest?.value?.toLocaleString(texts.locale, { maximumFractionDigits: 4 }) ?? '0';
    yield {
      message: {
        blocks: [
          title(label),
          text(
            words.newest(`${shown}${isMoney ? ' OPEN' : ''}`),
            ` ${words.fresh(dateOf(found.blockTimestamp, texts))}`,
          ),
          { kind: 'image', name: `${name.toLowerCase()}.png`, png, alt: words.alt(label, days, shown) },
        ],
        isPrivate: false,
      },
    };
  },
};

export const metricChoices = (names: Readonly<Record<MetricName, string>>): readonly Choice[] =>
  metricNames.map((value) => ({ value, label: names[value] }));
