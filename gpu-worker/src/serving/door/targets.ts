import type { Hex } from '@openledger/protocol';
import type { Price } from '../payments/price.ts';
import type { Catalogue, ServedModel } from '../served.ts';
import { type Caller, nobody } from '../usage/usage.ts';
import { noSuchModel, unauthenticated } from './apiError.ts';

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
  readonly openledger: {
    /** On chain; 0 is the base alone. */
    readonly modelId: string;
    readonly version: number;
    /** Wei of OPEN for 1,000 tokens, in decimal digits. */
    readonly inPer1k: string;
    readonly outPer1k: string;
  };
};

/** Nobody owns the base on chain, so nothing can be collected for it: it is free. */
const free: Price = { inPer1k: 0n, outPer1k: 0n };

export type Targets = {
  /** To be asked. @throws ApiError (404) for what there is not, or not for this caller; (401) for what somebody has to pay. */
  readonly find: (name: string, caller: Caller) => Target;
  readonly list: (caller: Caller) => readonly ModelShown[];
  /** @throws ApiError (404) as `find`. */
  readonly show: (name: string, caller: Caller) => ModelShown;
};

type TargetsOptions = {
  readonly base: { readonly name: string };
  readonly catalogue: Catalogue;
  readonly maxContext: number;
  /** Unix seconds. */
  readonly startedAt: number;
};

export const createTargets = ({ base, catalogue, maxContext, startedAt }: TargetsOptions): Targets => {
  const isBase = (name: string): boolean => name === base.name || name === '0' || name === '0@0';
  const find = (name: string, caller: Caller): ServedModel => {
    const model = catalogue.find(name);
    if (model === undefined || !maySee(model, caller)) throw noSuchModel(name);
    return model;
  };
  const baseTarget: Target = { name: base.name, modelId: 0n, version: 0, adapter: undefined, price: free };
  const shownBase: ModelShown = {
    id: base.name,
    object: 'model',
    created: startedAt,
    owned_by: 'openledger',
    root: base.name,
    parent: null,
    max_model_len: maxContext,
    openledger: { modelId: '0', version: 0, ...shownPrice(free) },
  };
  const shown = (id: string, { name, owner, createdAt, modelId, version, ...price }: ServedModel): ModelShown => ({
    id,
    object: 'model',
    created: createdAt,
    owned_by: owner,
    root: name,
    parent: base.name,
    max_model_len: maxContext,
    openledger: { modelId: `${modelId}`, version, ...shownPrice(price) },
  });
  return {
    find: (name, caller) => {
      const target = isBase(name) ? baseTarget : targetOf(find(name, caller));
      if (caller.payer === nobody) checkFree(target);
      return target;
    },
    list: (caller) => [
      shownBase,
      ...catalogue.all().flatMap((model) => {
        if (!maySee(model, caller)) return [];
        const plain = model.name.slice(0, model.name.lastIndexOf('@'));
        return [shown(catalogue.find(plain) === model ? plain : model.name, model)];
      }),
    ],
    show: (name, caller) => (isBase(name) ? shownBase : shown(name, find(name, caller))),
  };
};

const targetOf = (model: ServedModel): Target => ({
  name: model.name,
  modelId: model.modelId,
  version: model.version,
  adapter: { hash: model.adapterHash, uri: model.adapterUri },
  price: model,
});

const maySee = ({ allowed }: ServedModel, { payer }: Caller): boolean => allowed === undefined || allowed.has(payer);

const shownPrice = ({ inPer1k, outPer1k }: Price) => ({ inPer1k: `${inPer1k}`, outPer1k: `${outPer1k}` });

const checkFree = ({ name, price: { inPer1k, outPer1k } }: Target): void => {
  if (inPer1k === 0n && outPer1k === 0n) return;
  throw unauthenticated(
    `The model \`${name}\` costs ${inPer1k} wei of OPEN for 1,000 tokens of a prompt and ${outPer1k} of an answer. Say who pays: a payment voucher in the header OpenLedger-Voucher, with or without an API key of the same account. See "Paying" in docs/serving.md.`,
    'payer_missing',
  );
};
