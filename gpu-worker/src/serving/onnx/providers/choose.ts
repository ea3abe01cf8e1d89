import { EngineError } from '../../engine.ts';
import { absenceOf, lineOf } from './present.ts';

/** What a model computed of a task that is the same for every provider. */
export type Probe = {
  readonly values: Float32Array;
  /** Of one step, the middle one of several. */
  readonly ms: number;
};

export type ChooseOptions<Opened> = {
  /** In order of preference; undefined: the best that is present, and no slower than the CPU. */
  readonly providers: readonly string[] | undefined;
  readonly openOn: (provider: string) => Promise<Opened>;
  readonly probe: (opened: Opened) => Promise<Probe>;
  readonly log: (line: string) => void;
};

const best = ['cuda', 'webgpu', 'cpu'];
/** Of the largest value. */
const tolerance = 1e-3;

/**
 * Opens a model on the first provider that is present and computes what the CPU computes. Says of each that was left why.
 *
 * @throws EngineError when none of those that were asked for will do.
 */
export const openOnBest = async <Opened extends { readonly close: () => Promise<void> }>({
  providers,
  openOn,
  probe,
  log,
}: ChooseOptions<Opened>): Promise<{ readonly provider: string; readonly opened: Opened }> => {
  const reasons: string[] = [];
  const leave = (provider: string, reason: string) => {
    reasons.push(`${provider}: ${reason}`);
    log(`Not on ${provider}: ${reason}`);
  };
  let onCpu: Promise<{ opened: Opened; expected: Probe | undefined }> | undefined;
  const openCpu = () => {
    onCpu ??= openOn('cpu').then((opened) => ({ opened, expected: undefined }));
    return onCpu;
  };
  const expectation = async (): Promise<Probe> => {
    const cpu = await openCpu();
    cpu.expected ??= await probe(cpu.opened);
    return cpu.expected;
  };
  const tryOn = async (provider: string): Promise<Opened | string> => {
    const absence = await absenceOf(provider);
    if (absence !== undefined) return absence;
    let opened: Opened | undefined;
    try {
      opened = await openOn(provider);
      const actual = await probe(opened);
      const expected = await expectation();
      const fault = faultOf(actual, expected, providers === undefined);
      if (fault === undefined) return opened;
      await opened.close();
      return fault;
    } catch (error) {
      await opened?.close();
      return lineOf(error);
    }
  };
  for (const provider of providers ?? best) {
    if (provider === 'cpu') return { provider, opened: (await openCpu()).opened };
    const tried = await tryOn(provider);
    if (typeof tried === 'string') leave(provider, tried);
    else {
      await (await onCpu)?.opened.close();
      return { provider, opened: tried };
    }
  }
  await (await onCpu)?.opened.close();
  throw new EngineError(`None of the providers that were asked for can be used: ${reasons.join('; ')}`);
};

/** Why a provider is left, after what it and the CPU computed. */
export const faultOf = (actual: Probe, expected: Probe, mustBeFaster: boolean): string | undefined => {
  const difference = differenceOf(actual.values, expected.values);
  if (!(difference <= tolerance)) {
    return `its values differ from the CPU's by ${difference.toExponential(1)} of the largest; ${tolerance} is allowed`;
  }
  if (mustBeFaster && actual.ms > expected.ms) {
    return `a step takes ${actual.ms.toFixed(1)} ms, and ${expected.ms.toFixed(1)} ms on the CPU`;
  }
  return undefined;
};

/** The largest difference over the largest expected value. */
const differenceOf = (actual: Float32Array, expected: Float32Array): number => {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 0];
  for (const [at, value] of expected.entries()) {
    const apart = Math.abs(actual[at]! - value);
    if (Number.isNaN(apart)) return Number.NaN;
    difference = Math.max(difference, apart);
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
};
