import { z } from 'zod';
import type { Api } from './api/client.ts';
import type { Choice, Field } from './command.ts';
import type { Context } from './context.ts';

const most = 25;
/** Milliseconds for which a list is good enough, and for which it is better than none. */
const fresh = 30_000;

type Listed = 'datanet' | 'model';

const datanets = z.object({
  datanets: z.object({ nodes: z.array(z.object({ datanetId: z.string(), name: z.string() })) }),
});
const models = z.object({ models: z.object({ nodes: z.array(z.object({ modelId: z.string(), name: z.string() })) }) });

/** What fits what is being typed: by number, or by any part of the name. */
const fitting = (choices: readonly Choice[], typed: string): readonly Choice[] => {
  const wanted = typed.trim().toLowerCase();
  return choices.filter(({ value, label }) => value === wanted || label.toLowerCase().includes(wanted)).slice(0, most);
};

const listOf = async (api: Api, kind: Listed): Promise<readonly Choice[]> => {
  if (kind === 'datanet') {
    const found = await api.ask(
      'query($first: Int!) { datanets(first: $first, filter: { status: { eq: ACTIVE } }) { nodes { datanetId name } } }',
      datanets,
      { first: 100 },
    );
    return found.datanets.nodes.map(({ datanetId, name }) => ({ value: datanetId, label: `#${datanetId} ${name}` }));
  }
  const found = await api.ask(
    'query($first: Int!) { models(first: $first, filter: { status: { eq: ACTIVE } }) { nodes { modelId name } } }',
    models,
    { first: 100 },
  );
  return found.models.nodes.map(({ modelId, name }) => ({ value: modelId, label: `#${modelId} ${name}` }));
};

const isListed = (kind: Field['kind']): kind is Listed => kind === 'datanet' || kind === 'model';

/** Datanets and models by their names, so that nobody has to know numbers. */
export const suggestionsFor = async ({ api }: Context, { kind }: Field, typed: string): Promise<readonly Choice[]> =>
  isListed(kind) ? fitting(await listOf(api, kind), typed) : [];

/**
 * The same for whoever types letter by letter: a list is asked for once in a while, and however long that takes, the last one
 * is there at once.
 */
export const createSuggestions = (): typeof suggestionsFor => {
  const lists = new Map<Listed, { readonly at: number; readonly list: Promise<readonly Choice[]> }>();
  const current = (api: Api, kind: Listed): Promise<readonly Choice[]> => {
    const kept = lists.get(kind);
    if (kept !== undefined && Date.now() - kept.at < fresh) return kept.list;
    const next = listOf(api, kind).catch(async (error: unknown) => {
      if (kept === undefined) throw error;
      return kept.list;
    });
    const entry = { at: Date.now(), list: kept?.list ?? next };
    lists.set(kind, entry);
    next.then(
      () => lists.set(kind, { at: Date.now(), list: next }),
      () => lists.delete(kind),
    );
    return entry.list;
  };
  return async ({ api }, { kind }, typed) => (isListed(kind) ? fitting(await current(api, kind), typed) : []);
};
