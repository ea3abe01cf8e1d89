import { badInput, userError } from '../errors.ts';
import { addressScalar, bigIntScalar, dateTimeScalar } from '../schema/scalars.ts';
import { type Format, formats } from './formats.ts';

/** What a URL asks for. */
export type ExportRequest = {
  /** `contributions`, or `metrics/FEES`. */
  readonly name: string;
  readonly format: Format;
  readonly parameters: Parameters;
};

/** The parameters of a URL, each read once by its type; what nobody read is refused. */
export type Parameters = {
  readonly text: (name: string) => string | undefined;
  readonly time: (name: string) => bigint | undefined;
  readonly id: (name: string) => bigint | undefined;
  readonly account: (name: string) => `0x${string}` | undefined;
  readonly count: (name: string) => number | undefined;
  /** @throws BAD_USER_INPUT when something was given that nothing asked for. */
  readonly done: () => void;
  /** All of them in one order, for an ETag. */
  readonly canonical: string;
};

/** Reads `/export/contributions.csv?from=…`. @throws NOT_FOUND when no format is named, BAD_USER_INPUT for a parameter given twice. */
export function readRequest(url: URL): ExportRequest {
  const match = /^\/export\/([a-zA-Z_/-]+)\.([a-z]+)$/.exec(url.pathname);
  const format = match?.[2] as Format;
  if (!match || !Object.hasOwn(formats, format)) {
    throw userError(
      'NOT_FOUND',
      `There is no export at ${url.pathname}: it is /export/<what>.<format>, format being ${Object.keys(formats).join(', ')}. /export lists what there is.`,
    );
  }
  return { name: match[1]!, format, parameters: parametersOf(url.searchParams) };
}

function parametersOf(given: URLSearchParams): Parameters {
  const known = new Set<string>();
  for (const name of given.keys()) {
    if (given.getAll(name).length > 1) throw badInput(`${name} is given more than once: give it once.`);
  }
  const text = (name: string) => {
    known.add(name);
    return given.get(name) ?? undefined;
  };
  const parsed =
    <T>(parse: (value: unknown) => T) =>
    (name: string): T | undefined => {
      const value = text(name);
      if (value === undefined) return undefined;
      try {
        return parse(value);
      } catch (error) {
        throw badInput(`${name}: ${(error as Error).message}`);
      }
    };
  return {
    text,
    time: parsed((value) => dateTimeScalar.parseValue(dayOrTime(value as string)) as bigint),
    id: parsed((value) => bigIntScalar.parseValue(value) as bigint),
    account: parsed((value) => addressScalar.parseValue(value) as `0x${string}`),
    count: parsed((value) => {
      if (!/^[1-9]\d{0,8}$/.test(value as string))
        throw new Error(`it is ${value}: it must be a whole number above 0.`);
      return Number(value);
    }),
    done: () => {
      const unknown = [...given.keys()].find((name) => !known.has(name));
      if (unknown === undefined) return;
      throw badInput(`${unknown} is no parameter of this export: it takes ${[...known].sort().join(', ')}.`);
    },
    canonical: [...given]
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .sort()
      .join('&'),
  };
}

/** In a URL a day may stand for its midnight. */
function dayOrTime(value: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value;
}
