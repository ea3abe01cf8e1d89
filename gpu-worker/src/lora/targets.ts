import type { AdapterConfig } from './config.ts';
import { isHeadModule } from './names.ts';
import { compilePattern, compileSuffixPattern } from './pattern.ts';

/** A module that an adapter adapts, with the rank that it has there and the scale of its branch. */
export type Target = { readonly module: string; readonly rank: number; readonly scale: number };

/**
 * Which module names a config adapts, and how, as peft decides it (`check_target_module_exists` and `get_pattern_key` of
 * peft 0.18.1). Build it once: patterns are read here.
 *
 * @returns what a module gets, `undefined` for one that is left alone.
 * @throws LoraError when a pattern is not read.
 */
export const createTargeting = (config: AdapterConfig): ((module: string) => Target | undefined) => {
  const isExcluded = nameMatcher(config.excludeModules);
  const isTargeted = targetMatcher(config);
  const rankKeys = patternKeys(config.rankPattern);
  const alphaKeys = patternKeys(config.alphaPattern);
  return (module) => {
    if (isExcluded(module) || !isTargeted(module)) return undefined;
    const rank = rankKeys(module) ?? config.rank;
    const alpha = alphaKeys(module) ?? config.alpha;
    return { module, rank, scale: alpha / (config.isRankStabilised ? Math.sqrt(rank) : rank) };
  };
};

const nameMatcher = (names: readonly string[] | string): ((module: string) => boolean) => {
  if (typeof names === 'string') return names === '' ? () => false : compilePattern(names);
  return (module) => names.some((name) => module === name || module.endsWith(`.${name}`));
};

const targetMatcher = (config: AdapterConfig): ((module: string) => boolean) => {
  const { targetModules, layers, taskType } = config;
  if (typeof targetModules === 'string') {
    if (targetModules.toLowerCase() === 'all-linear') return (module) => !isHeadModule(module, taskType);
    return compilePattern(targetModules);
  }
  const isNamed = nameMatcher(targetModules);
  if (layers === undefined) return isNamed;
  const layerOf = layerFinder(config.layersPattern);
  // As in peft, a whole name in the list is adapted whatever its layer.
  return (module) => isNamed(module) && (targetModules.includes(module) || layers.includes(layerOf(module)));
};

/** The first number that stands alone in a name and, where patterns are given, follows one of them. −1 where there is none. */
const layerFinder = (patterns: readonly string[]): ((module: string) => number) => {
  const follows =
    patterns.length === 0
      ? [(before: readonly string[]) => before.length >= 2]
      : patterns.map(compileSuffixPattern).map((matches) => (before: readonly string[]) => matches(before.join('.')));
  return (module) => {
    const parts = module.split('.');
    for (const matches of follows) {
      const at = parts.findIndex(
        (part, index) => index < parts.length - 1 && /^\d+$/.test(part) && matches(parts.slice(0, index)),
      );
      if (at >= 0) return Number(parts[at]);
    }
    return -1;
  };
};

const patternKeys = (values: ReadonlyMap<string, number>): ((module: string) => number | undefined) => {
  const keys = [...values].map(([key, value]) => ({ matches: compileSuffixPattern(key), value }));
  return (module) => keys.find(({ matches }) => matches(module))?.value;
};
