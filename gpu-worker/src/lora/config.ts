import { LoraError } from './errors.ts';
import { isList, isNumber, isObject, type Json, type JsonObject, parseJson, printJson } from './json.ts';
import { type AdapterLimits, adapterLimits } from './limits.ts';
import { refuseUnsupported } from './unsupported.ts';

/** An `adapter_config.json` of peft: what it means, and `fields`, all that it says, for writing it back as it was. */
export type AdapterConfig = {
  readonly rank: number;
  readonly alpha: number;
  /** Other ranks and alphas for modules whose names match the keys; the first that matches counts. */
  readonly rankPattern: ReadonlyMap<string, number>;
  readonly alphaPattern: ReadonlyMap<string, number>;
  /** Scale α/√r in place of α/r. */
  readonly isRankStabilised: boolean;
  /** Names or their ends, a pattern for whole names, or `all-linear`. */
  readonly targetModules: readonly string[] | string;
  readonly excludeModules: readonly string[] | string;
  readonly layers: readonly number[] | undefined;
  readonly layersPattern: readonly string[];
  readonly taskType: string | undefined;
  readonly baseModel: string | undefined;
  readonly fields: JsonObject;
};

/**
 * @param text of an `adapter_config.json`
 * @throws LoraError for what is not JSON, for values that peft would not take, and for what is not supported, by its name.
 */
export const readConfig = (text: string, limits: AdapterLimits = adapterLimits): AdapterConfig => {
  if (text.length > limits.configBytes) {
    throw new LoraError(`adapter_config.json has ${text.length} characters; at most ${limits.configBytes} are read`);
  }
  const fields = parseJson(text, 'adapter_config.json');
  if (!isObject(fields)) throw new LoraError('adapter_config.json is not an object');
  return configOf(fields, limits);
};

/** As peft writes it; a config that was read comes out as it was. */
export const writeConfig = ({ fields }: AdapterConfig): string => printJson(fields);

/** The meaning of a config's fields. @throws LoraError as `readConfig`. */
export const configOf = (fields: JsonObject, limits: AdapterLimits = adapterLimits): AdapterConfig => {
  refuseUnsupported(fields);
  const rank = rankOf(fields.get('r'), 'r', limits);
  const targetModules = names(fields, 'target_modules') ?? fail('target_modules', 'missing; name the modules to adapt');
  const layers = layerList(fields.get('layers_to_transform'));
  const layersPattern = names(fields, 'layers_pattern') ?? [];
  if (typeof targetModules === 'string' && (layers !== undefined || layersPattern.length > 0)) {
    fail('layers_to_transform', 'used with a pattern in target_modules; peft takes it only with a list of names');
  }
  return {
    rank,
    alpha: numberOf(fields.get('lora_alpha'), 'lora_alpha'),
    rankPattern: patternMap(fields, 'rank_pattern', (value, name) => rankOf(value, name, limits)),
    alphaPattern: patternMap(fields, 'alpha_pattern', numberOf),
    isRankStabilised: fields.get('use_rslora') === true,
    targetModules,
    excludeModules: names(fields, 'exclude_modules') ?? [],
    layers,
    layersPattern: typeof layersPattern === 'string' ? (layersPattern === '' ? [] : [layersPattern]) : layersPattern,
    taskType: textOf(fields, 'task_type'),
    baseModel: textOf(fields, 'base_model_name_or_path'),
    fields,
  };
};

const fail = (field: string, what: string): never => {
  throw new LoraError(`adapter_config.json: ${field} is ${what}`);
};

const numberOf = (value: Json | undefined, field: string): number => {
  const number = isNumber(value) ? Number(value.text) : Number.NaN;
  return Number.isFinite(Math.fround(number)) ? number : fail(field, 'not a finite number');
};

const rankOf = (value: Json | undefined, field: string, limits: AdapterLimits): number => {
  const rank = numberOf(value, field);
  if (!Number.isInteger(rank) || rank < 1) fail(field, `${rank}; a rank is a whole number from 1`);
  if (rank > limits.rank) fail(field, `${rank}; ranks up to ${limits.rank} are loaded`);
  return rank;
};

const textOf = (fields: JsonObject, field: string): string | undefined => {
  const value = fields.get(field) ?? undefined;
  return value === undefined || typeof value === 'string' ? value : fail(field, 'not text');
};

const names = (fields: JsonObject, field: string): readonly string[] | string | undefined => {
  const value = fields.get(field) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  if (isList(value) && value.every((item) => typeof item === 'string')) return value;
  return fail(field, 'neither text nor a list of texts');
};

const layerList = (value: Json | undefined): readonly number[] | undefined => {
  if (value === undefined || value === null) return undefined;
  const layers = (isList(value) ? value : [value]).map((item) => numberOf(item, 'layers_to_transform'));
  // As in peft, an empty list chooses nothing and so leaves all.
  return layers.length === 0 ? undefined : layers;
};

const patternMap = (
  fields: JsonObject,
  field: string,
  read: (value: Json, name: string) => number,
): ReadonlyMap<string, number> => {
  const value = fields.get(field) ?? new Map<string, Json>();
  if (!isObject(value)) return fail(field, 'not an object');
  return new Map([...value].map(([key, item]) => [key, read(item, `${field}[${JSON.stringify(key.slice(0, 80))}]`)]));
};
