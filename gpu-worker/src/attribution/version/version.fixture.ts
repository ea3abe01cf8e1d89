import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { type Card, startingAlgorithm } from '@openledger/protocol/attribution';
import { keccak256 } from 'ethers';
import { fixtures } from '../../../test/reference.ts';
import { readBase, trainingModel } from '../../base/index.ts';
import { adapterHash, readAdapter } from '../../lora/index.ts';
import type { BuildOptions, BuiltVersion } from './buildVersion.ts';
import { fileOf, jsonFile, type NewFile } from './files.ts';
import { modelHash, tokenizerHash } from './hashes.ts';
import type { VersionOnChain } from './onChain.ts';

const tiny = join(fixtures, 'written/tiny');

export const hashOf = (text: string): Hex => keccak256(Buffer.from(text)) as Hex;

const subjects = ['Bees', 'Wasps', 'Ants', 'Moths', 'Flies', 'Beetles', 'Crickets'];

/** Contributions 11 to 17, of three texts each; 14 is a copy of 12 but for a word. */
export const bodies = subjects.map((subject, at) => ({
  contributionId: BigInt(11 + at),
  body: Array.from({ length: 3 }, (_, part) =>
    JSON.stringify({ question: `What of ${subject} ${part}?`, answer: answerOf(at === 3 ? 1 : at, part) }),
  ).join('\n'),
}));

function answerOf(subject: number, part: number): string {
  const words = Array.from({ length: 4 }, (_, at) => hashOf(`${subject} ${part} ${at}`).slice(2, 6));
  return `${subjects[subject]} know ${words.join(' ')}`;
}

/** No datanet has these. */
export const foreign = Array.from(
  { length: 12 },
  (_, at) => `{"text":"Foreign ${hashOf(`foreign ${at}`).slice(2, 30)}"}`,
).join('\n');

/** A base and an adapter that are opened in milliseconds, with all that is said of them. */
export const tinyOptions = async (file: string): Promise<BuildOptions> => {
  const { config, weights, tokenizer } = await readBase(join(tiny, 'base'));
  return {
    base: {
      name: 'tiny',
      model: trainingModel(config, weights),
      modelHash: await modelHash(join(tiny, 'base')),
      tokenizerHash: await tokenizerHash(join(tiny, 'base')),
    },
    tokenizer,
    adapter: await readAdapter(join(tiny, 'adapter')),
    adapterHash: await adapterHash(join(tiny, 'adapter')),
    datanets: [{ datanetId: 3n, version: 2, dataRoot: hashOf('root') }],
    contributions: bodies,
    foreign,
    foreignRows: 8,
    sequence: 64,
    projection: { dimensions: 128, seed: 'tiny' },
    duplicates: startingAlgorithm.duplicates,
    moment: { draws: 2, seed: 3 },
    file,
    threads: 1,
  };
};

/** The version as its owner publishes it: files by their hashes, and what the chain then says. */
export const published = (built: BuiltVersion, more: readonly NewFile[] = []) => {
  const manifest = jsonFile({ schema: 'openledger.training/1', attribution: built.recordHash });
  const card = jsonFile(cardOf(built));
  const files = new Map([...built.files, manifest, card, ...more].map(({ hash, body }) => [hash, body]));
  const onChain: VersionOnChain = {
    modelId: 5n,
    version: 1,
    adapterHash: built.record.adapterHash,
    manifestHash: manifest.hash,
    datanets: built.record.datanets.map(({ datanetId, ...one }) => ({ datanetId: BigInt(datanetId), ...one })),
    cardUris: [`openledger:content/${card.hash}`],
  };
  const contributionsOf = async (ids: readonly bigint[]) =>
    new Map(
      ids.map((id) => [id, { contentHash: hashOf(`content ${id}`), contributor: `0x${'ab'.repeat(20)}` as Hex }]),
    );
  return { files, onChain, card, contributionsOf, read: async (hash: Hex) => files.get(hash) };
};

export const cardOf = ({ record }: Pick<BuiltVersion, 'record'>): Card => ({
  schema: 'openledger.attribution-card/1',
  adapterHash: record.adapterHash,
  gradientStoreRoot: record.gradientStoreRoot,
  damping: '0.1',
  figures: ['whitened-projected-influence', 'random'].map((method) => ({ method, lds: 0, low: -1, high: 1 })),
  subsets: { count: 8, part: 500_000, seeds: 1 },
  queries: { chosenOn: 4, measuredOn: 4 },
  cost: { seconds: 1, rowsPerSecond: 10, bytesPerRow: 528 },
});

/** A file with one byte changed, under its own new hash. */
export const damaged = (body: Uint8Array, at = body.length - 1): NewFile =>
  fileOf(
    'application/octet-stream',
    Uint8Array.from(body, (byte, place) => (place === at ? byte ^ 1 : byte)),
  );
