import { z } from 'zod';
import type { Choice, Field } from './command.ts';
import type { Context } from './context.ts';

const most = 25;

const datanets = z.object({
  datanets: z.object({ nodes: z.array(z.object({ datanetId: z.string(), name: z.string() })) }),
});
const models = z.object({ models: z.object({ nodes: z.array(z.object({ modelId: z.string(), name: z.string() })) }) });

/** What fits what is being typed: by number, or by any part of the name. */
const fitting = (choices: readonly Choice[], typed: string): readonly Choice[] => {
  const wanted = typed.trim().toLowerCase();
  return choices.filter(({ value, label }) => value === wanted || label.toLowerCase().includes(wanted)).slice(0, most);
};

/** Datanets and models by their names, so that nobody has to know numbers. */
export const suggestionsFor = async ({ api }: Context, { kind }: Field, typed: string): Promise<readonly Choice[]> => {
  if (kind === 'datanet') {
    const found = await api.ask(
      'query($first: Int!) { datanets(first: $first, filter: { status: { eq: ACTIVE } }) { nodes { datanetId name } } }',
      datanets,
      { first: 100 },
    );
    return fitting(
      found.datanets.nodes.map(({ datanetId, name }) => ({ value: datanetId, label: `#${datanetId} ${name}` })),
      typed,
    );
  }
  if (kind === 'model') {
    const found = await api.ask(
      'query($first: Int!) { models(first: $first, filter: { status: { eq: ACTIVE } }) { nodes { modelId name } } }',
      models,
      { first: 100 },
    );
    return fitting(
      found.models.nodes.map(({ modelId, name }) => ({ value: modelId, label: `#${modelId} ${name}` })),
      typed,
    );
  }
  return [];
};
