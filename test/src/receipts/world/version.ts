import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BuildOptions,
  type BuiltVersion,
  buildVersion,
  fileOf,
  jsonFile,
  keepFiles,
  modelHash,
  type NewFile,
  tokenizerHash,
} from '@openledger/gpu-worker/attribution/version';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import { adapterHash, configFile, readAdapter, tensorsFile } from '@openledger/gpu-worker/lora';
import { datanetTree, type Hex } from '@openledger/protocol';
import { type Card, cardBenchmarkId, startingAlgorithm } from '@openledger/protocol/attribution';
import { id, keccak256, toUtf8Bytes, ZeroHash } from 'ethers';
import { act, type Ground } from '../../settlement/ground.ts';
import { uriOf } from '../documents.ts';
import { bodies, foreign } from './texts.ts';

/** A base and an adapter of a few thousand numbers, which open in milliseconds. */
export const tiny = fileURLToPath(new URL('../../../../gpu-worker/fixtures/written/tiny', import.meta.url));

/** What the first contribution of the texts is on chain; the others follow. */
export const firstContribution = 4n;
const datanetId = 2n;

export type Published = {
  readonly modelId: bigint;
  readonly version: number;
  readonly built: BuiltVersion;
  readonly options: BuildOptions;
  readonly cardHash: Hex;
};

/** Puts a datanet with the texts on chain, builds a version of the model trained on it, and publishes that with its card. */
export const publishAttributed = async (ground: Ground): Promise<Published> => {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-receipts-'));
  try {
    const dataRoot = await fillDatanet(ground);
    const options = await buildOptions(join(folder, 'gradients'), dataRoot);
    const built = await buildVersion(options);
    return { ...(await publish(ground, built)), built, options };
  } finally {
    await rm(folder, { recursive: true });
  }
};

const fillDatanet = async (ground: Ground): Promise<Hex> => {
  const { contract, wallet, contributors, db } = ground;
  const datanets = contract('DatanetRegistry', wallet(20));
  await act(datanets, 'createDatanet', 'Insects', 'ipfs://insects', id('insects'), 0, 0, 0, 0, 3_600);
  const held: { contributionId: bigint; contentHash: Hex }[] = [];
  const files: NewFile[] = [];
  for (const [at, body] of bodies.entries()) {
    const file = fileOf('application/jsonl', toUtf8Bytes(body));
    const contributionId = firstContribution + BigInt(at);
    const registry = contract('DatanetRegistry', contributors[at % contributors.length]);
    await act(registry, 'submitContribution', datanetId, file.hash, uriOf(file.hash), id('MIT'), 3);
    await act(datanets, 'decideContribution', contributionId, true, ZeroHash);
    held.push({ contributionId, contentHash: file.hash });
    files.push(file);
  }
  const list = jsonFile({
    contributions: held.map(({ contributionId, contentHash }) => ({ id: `${contributionId}`, contentHash })),
  });
  await keepFiles(db, [...files, list]);
  const { root } = datanetTree(held);
  await act(datanets, 'publishVersion', datanetId, root, held.length, 3 * held.length, uriOf(list.hash));
  return root;
};

const buildOptions = async (file: string, dataRoot: Hex): Promise<BuildOptions> => {
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
    datanets: [{ datanetId, version: 1, dataRoot }],
    contributions: bodies.map((body, at) => ({ contributionId: firstContribution + BigInt(at), body })),
    foreign,
    foreignRows: 16,
    sequence: 64,
    projection: { dimensions: 128, seed: 'tiny' },
    duplicates: startingAlgorithm.duplicates,
    file,
    threads: 1,
  };
};

const publish = async ({ contract, wallet, db }: Ground, { record, recordHash, files }: BuiltVersion) => {
  const [config, tensors] = await Promise.all(
    [configFile, tensorsFile].map(async (name) =>
      fileOf('application/octet-stream', await readFile(join(tiny, 'adapter', name))),
    ),
  );
  const adapter = jsonFile({
    schema: 'openledger.adapter/1',
    files: { [configFile]: config!.hash, [tensorsFile]: tensors!.hash },
  });
  const manifest = jsonFile({ schema: 'openledger.training/1', attribution: recordHash });
  const card: Card = {
    schema: 'openledger.attribution-card/1',
    adapterHash: record.adapterHash,
    gradientStoreRoot: record.gradientStoreRoot,
    damping: '0.1',
    figures: ['whitened-projected-influence', 'random'].map((method) => ({ method, lds: 0, low: -1, high: 1 })),
    subsets: { count: 8, part: 500_000, seeds: 1 },
    queries: { chosenOn: 4, measuredOn: 4 },
    cost: { seconds: 1, rowsPerSecond: 10, bytesPerRow: 144 },
  };
  const cardFile = jsonFile(card);
  await keepFiles(db, [...files, config!, tensors!, adapter, manifest, cardFile]);
  const models = contract('ModelRegistry', wallet(20));
  const { adapterHash } = record;
  const sources = [{ datanetId, version: 1 }];
  await act(models, 'publishVersion', 1n, adapterHash, uriOf(adapter.hash), manifest.hash, 4, sources);
  await act(models, 'recordEvaluation', 1n, cardBenchmarkId, 2, 0n, uriOf(cardFile.hash));
  return { modelId: 1n, version: 2, cardHash: cardFile.hash };
};

export const keccakOfText = (text: string): Hex => keccak256(toUtf8Bytes(text)) as Hex;
