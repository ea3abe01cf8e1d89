import { badInput } from '../errors.ts';
import type { ModelChoice } from './question.ts';

const NAME_LENGTH = 300;
const MAX_UINT256 = 2n ** 256n - 1n;
/** `rust-tutor-3`, `rust-tutor-3@2`, `3`, `3@2`: the number stands last before the version. */
const NUMBERED = /^(?:[a-z0-9-]+-)?(0|[1-9]\d{0,77})(?:@([1-9]\d{0,8}))?$/;

type Named = {
  readonly modelId?: bigint | null | undefined;
  readonly version?: number | null | undefined;
  readonly model?: string | null | undefined;
};

/** The model that is meant. @throws BAD_USER_INPUT when it cannot be any */
export function modelChoiceOf({ modelId, version, model }: Named, place: string): ModelChoice {
  if ((modelId == null) === (model == null)) throw badInput(`${place} needs one of modelId and model, and not both.`);
  if (modelId != null) {
    if (version != null && version < 1) throw badInput(`${place}: version is ${version}: versions count from 1.`);
    if (version != null && modelId === 0n) throw badInput(`${place}: model 0 is the base alone, without versions.`);
    return { modelId, version: version ?? null, name: modelId.toString() };
  }
  if (version != null) throw badInput(`${place}: version goes with modelId: with model write ${model}@${version}.`);
  const name = model!.trim();
  if (name.length < 1 || name.length > NAME_LENGTH) {
    throw badInput(`${place}: model has ${name.length} characters; 1 to ${NAME_LENGTH} are taken.`);
  }
  const [, number, numberedVersion] = NUMBERED.exec(name) ?? [];
  if (number === undefined || BigInt(number) > MAX_UINT256) return { modelId: null, name };
  return {
    modelId: BigInt(number),
    version: numberedVersion === undefined ? null : Number(numberedVersion),
    name: name.replace(/@.*$/, ''),
  };
}

/** The name by which a worker is asked for it. */
export function nameOf(model: ModelChoice, version: number): string {
  return model.modelId === null || model.modelId === 0n ? model.name : `${model.name}@${version}`;
}

/** The model as an audit log or an error names it. */
export function shownModel(model: ModelChoice): string {
  if (model.modelId === null) return `model ${JSON.stringify(model.name)}`;
  if (model.modelId === 0n) return 'the base';
  return `model ${model.modelId}${model.version === null ? '' : ` version ${model.version}`}`;
}
