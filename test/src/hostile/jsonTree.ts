import type { Mutator } from './mutators.ts';
import type { Random } from './random.ts';

// Changes to what a JSON file says, where `jsonText.ts` changes how it is written.

type Holder = Record<string, unknown> | unknown[];

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

const somewhere = (root: Holder, random: Random): [holder: Holder, key: string] | undefined => {
  let holder = root;
  for (;;) {
    const keys = Object.keys(holder);
    if (keys.length === 0) return undefined;
    const key = random.pick(keys);
    const inner = (holder as Record<string, unknown>)[key];
    if (!isHolder(inner) || random.below(6) === 0) return [holder, key];
    holder = inner;
  }
};

type Edit = (holder: Record<string, unknown>, key: string, random: Random, root: Holder) => void;

const change =
  (edit: Edit): Mutator =>
  (bytes, random) => {
    try {
      const root: unknown = JSON.parse(Buffer.from(bytes).toString());
      const place = isHolder(root) ? somewhere(root, random) : undefined;
      if (place === undefined) return bytes;
      edit(place[0] as Record<string, unknown>, place[1], random, root as Holder);
      return new Uint8Array(Buffer.from(JSON.stringify(root)));
    } catch {
      // No JSON, or too deep for this.
      return bytes;
    }
  };

const removeKey = change((holder, key) => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
});

const renameKey = change((holder, key, random) => {
  const name = random.pick(['__proto__', 'toString', '', `${key}_`]);
  Object.defineProperty(holder, name, { value: holder[key], enumerable: true, configurable: true, writable: true });
});

const copyValue = change((holder, key, random, root) => {
  const other = somewhere(root, random);
  if (other !== undefined) holder[key] = structuredClone((other[0] as Record<string, unknown>)[other[1]]);
});

/** For files that are one JSON value. */
export const jsonTreeMutators: readonly Mutator[] = [removeKey, renameKey, copyValue];
