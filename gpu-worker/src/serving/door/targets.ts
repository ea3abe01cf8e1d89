import type { Hex } from '@openledger/protocol';
import type { Price } from '../payments/price.ts';
import type { Catalogue, ServedModel } from '../served.ts';
import { type Caller, nobody } from '../usage/usage.ts';
import { noSuchModel } from './apiError.ts';

/** What a name means: the base alone, or a model's version. */
export type Target = {
  /** With its version. */
  readonly name: string;
  /** 0 for the base. */
  readonly modelId: bigint;
  readonly version: number;
  readonly adapter: { readonly hash: Hex; readonly uri: string } | undefined;
  readonly price: Price;
};

/** A model in the form of the OpenAI API, with vLLM's fields. */
export type ModelShown = {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
  /** What answers under this name now. */
  readonly root: string;
  /** The base that an adapter is on. */
  readonly parent: string | null;
  readonly max_model_len: number;
};

export type BaseModel = Price & { readonly name: string };

export type Targets = {
  /** @throws ApiError (404) for what there is not, or not for this caller. */
  readonly find: (name: string, caller: Caller) => Target;
  readonly list: (caller: Caller) => readonly ModelShown[];
  /** @throws ApiError (404) as `find`. */
  readonly show: (name: string, caller: Caller) => ModelShown;
};

type TargetsOptions = {
  readonly base: BaseModel;
  readonly catalogue: Catalogue;
  readonly maxContext: number;
  /** Unix seconds. */
  readonly startedAt: number;
};

export const createTargets = ({ base, catalogue, maxContext, startedAt }: TargetsOptions): Targets => {
  const isBase = (name: string): boolean => name === base.name || name === '0' || name === '0@0';
  const find = (name: string, caller: Caller): ServedModel => {
    const model = catalogue.find(name);
    if (model === undefined || !mayAsk(model, caller)) throw noSuchModel(name);
    return model;
  };
  const shownBase: ModelShown = {
    id: base.name,
    object: 'model',
    created: startedAt,
    owned_by: 'openledger',
    root: base.name,
    parent: null,
    max_model_len: maxContext,
  };
  const shown = (id: string, { name, owner, createdAt }: ServedModel): ModelShown => ({
    id,
    object: 'model',
    created: createdAt,
    owned_by: owner,
    root: name,
    parent: base.name,
    max_model_len: maxContext,
  });
  return {
    find: (name, caller) => {
      if (isBase(name)) return { name: base.name, modelId: 0n, version: 0, adapter: undefined, price: base };
      const model = find(name, caller);
      return {
        name: model.name,
        modelId: model.modelId,
        version: model.version,
        adapter: { hash: model.adapterHash, uri: model.adapterUri },
        price: model,
      };
    },
    list: (caller) => [
      shownBase,
      ...catalogue.all().flatMap((model) => {
        if (!mayAsk(model, caller)) return [];
        const plain = model.name.slice(0, model.name.lastIndexOf('@'));
        return [shown(catalogue.find(plain) === model ? plain : model.name, model)];
      }),
    ],
    show: (name, caller) => (isBase(name) ? shownBase : shown(name, find(name, caller))),
  };
};

/** Who did not say who they are may ask what is public and free. */
const mayAsk = ({ allowed, inPer1k, outPer1k }: ServedModel, { payer }: Caller): boolean => {
  if (payer === nobody) return allowed === undefined && inPer1k === 0n && outPer1k === 0n;
  return allowed === undefined || allowed.has(payer);
};
