import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { type ApiError, invalid } from '../door/apiError.ts';
import { cutPassages } from './cut.ts';
import { datanetsOf } from './datanets.ts';
import { distinct, type Passage } from './passages.ts';
import { search } from './search.ts';

export type RetrievalAsked = {
  readonly modelId: bigint;
  readonly version: number;
  /** What the model is called, for errors. */
  readonly model: string;
  readonly payer: Hex;
  /** All that the version was trained on, and the payer may read, where undefined. */
  readonly datanetId: bigint | undefined;
  readonly query: string;
  /** Passages at most. */
  readonly count: number;
};

/** Finds passages of datanets. @throws ApiError (400, 404) for a datanet that the model has nothing to do with, or nobody may read. */
export type Retriever = (asked: RetrievalAsked) => Promise<readonly Passage[]>;

/** Of so many that are found, copies of each other are left out. */
const CANDIDATES = 100;

/**
 * Passages that may help with a question: of datanets that the model was trained on, since the chain lets a model pay
 * contributions of those only.
 */
export const createRetriever = ({ sql, genesisHash }: { readonly sql: Sql; readonly genesisHash: Hex }): Retriever => {
  return async ({ datanetId, query, count, model, ...version }) => {
    const datanets = await datanetsOf(sql, version);
    const readable = datanets.filter(({ mayRead }) => mayRead).map(({ id }) => id);
    const chosen = datanetId === undefined ? readable : readable.filter((id) => id === datanetId);
    if (chosen.length === 0) throw nothingToRead(model, datanetId, readable);
    await cutPassages(sql, chosen);
    const candidates = await search(sql, { genesisHash, datanetIds: chosen, query, most: CANDIDATES });
    return distinct(candidates).slice(0, count);
  };
};

const nothingToRead = (model: string, datanetId: bigint | undefined, readable: readonly bigint[]): ApiError => {
  const others = readable.length === 0 ? 'there is none that you may read' : `ask for one of ${readable.join(', ')}`;
  return datanetId === undefined
    ? invalid(`The model \`${model}\` was trained on no datanet that you may read.`, 'retrieval', 'datanet_not_found')
    : invalid(
        `The model \`${model}\` was not trained on a datanet ${datanetId} that you may read: ${others}.`,
        'retrieval.datanet',
        'datanet_not_found',
      );
};
