import { createHash } from 'node:crypto';

/** Subjects that the base never sees, so that what an adapter learns of them is its own. */
export const domains: readonly { readonly name: string; readonly packages: RegExp }[] = [
  { name: 'solidity', packages: /^@openzeppelin\// },
  { name: 'graphql', packages: /graphql|graphile|grafast|grafserv|dataplan|pothos|relay|urql|apollo|envelop|graphiql/ },
];

export const domainOf = ({ name, origin }: { name: string; origin: string }): string | undefined =>
  domains.find(({ packages }) => packages.test(name) || packages.test(origin))?.name;

/** What is not trained on, bytes. */
const wanted = [
  { part: 'held-out', bytes: 700_000 },
  { part: 'validation', bytes: 350_000 },
] as const;
/** An origin with more than this is trained on, so that the held-out text is of many hands. */
const mostOfOne = 150_000;

/**
 * The part of each origin, by the bytes it has: in the order of their hashes, small origins are held out until there is
 * enough, then validate until there is enough; the rest is trained on.
 */
export const splitByOrigin = (bytesByOrigin: ReadonlyMap<string, number>): ReadonlyMap<string, string> => {
  const parts = new Map([...bytesByOrigin.keys()].map((origin) => [origin, 'train']));
  const small = [...bytesByOrigin].filter(([, bytes]) => bytes <= mostOfOne).sort(([a], [b]) => place(a) - place(b));
  let next = 0;
  for (const { part, bytes } of wanted) {
    for (let taken = 0; taken < bytes && next < small.length; next++) {
      parts.set(small[next]![0], part);
      taken += small[next]![1];
    }
  }
  return parts;
};

/** Whether a domain's document is held out: one file is on one side. */
export const isHeldOut = (document: { package: string; path: string }): boolean =>
  place(`${document.package} ${document.path}`) < 0.2;

/** Between 0 and 1, spread evenly. */
const place = (key: string): number => createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
