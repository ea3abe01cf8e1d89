import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { regularly } from '../regularly.ts';
import type { Catalogue, ServedModel } from '../served.ts';
import { createQueue } from '../store/queue.ts';
import { createNames } from './names.ts';
import { readDeployed } from './rows.ts';

export type CatalogueOptions = {
  readonly sql: Sql;
  /** Whose deployments are served, in lower case. */
  readonly worker: Hex;
  /** What models of this worker's base name on chain, keccak256 of its name; without it, models of any base are served. */
  readonly baseModelId?: Hex;
  /** Milliseconds between two looks at the chain's tables; 1,000 without it. */
  readonly everyMs?: number;
  /** Told when a look fails, at the first of several in a row, and when one succeeds again. */
  readonly onTrouble?: (error: Error | undefined) => void;
};

/** What came and went between two looks; one whose price or permissions changed is in neither. */
export type CatalogueChange = { readonly added: readonly ServedModel[]; readonly removed: readonly ServedModel[] };

export type LiveCatalogue = Catalogue & {
  /** Looks now. @throws when the database does not answer */
  readonly refresh: () => Promise<void>;
  /** When the tables were last read; undefined before that. What is served is as the chain was then. */
  readonly readAt: () => Date | undefined;
  /** Called with what is there now as added, and then after each look that found a change. @returns a function that ends it */
  readonly follow: (listener: (change: CatalogueChange) => void) => () => void;
  readonly close: () => Promise<void>;
};

/**
 * Follows what the indexer says is deployed on a worker. While the database does not answer, what was last read stays.
 * Settles after the first look, also when that one failed: then nothing is served until another succeeds.
 */
export const createCatalogue = async (options: CatalogueOptions): Promise<LiveCatalogue> => {
  const { sql, worker, baseModelId, everyMs = 1_000, onTrouble = () => {} } = options;
  const listeners = new Set<(change: CatalogueChange) => void>();
  let names = createNames([]);
  let readAt: Date | undefined;

  const look = async (): Promise<void> => {
    const before = new Map(names.all().map((model) => [model.name, model]));
    const models = await readDeployed(sql, worker, baseModelId);
    names = createNames(models);
    readAt = new Date();
    const isSame = (one: ServedModel, other: ServedModel | undefined) => one.adapterHash === other?.adapterHash;
    const now = new Map(models.map((model) => [model.name, model]));
    const added = models.filter((model) => !isSame(model, before.get(model.name)));
    const removed = [...before.values()].filter((model) => !isSame(model, now.get(model.name)));
    if (added.length + removed.length > 0) for (const listener of listeners) listener({ added, removed });
  };

  const inTurn = createQueue(1);
  const looking = regularly(everyMs, () => inTurn(look), onTrouble);
  await looking.first;
  return {
    find: (name) => names.find(name),
    all: () => names.all(),
    refresh: () => inTurn(look),
    readAt: () => readAt,
    follow: (listener) => {
      listeners.add(listener);
      if (names.all().length > 0) listener({ added: names.all(), removed: [] });
      return () => void listeners.delete(listener);
    },
    close: looking.stop,
  };
};
