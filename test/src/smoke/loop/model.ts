import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cardBenchmarkId } from '@openledger/protocol/attribution';
import { personaKey } from '@openledger/stack/scenario';
import { baseModel, type Contents, contentUri, jsonContent } from '@openledger/stack/texts';
import { madeFrom, type Recipe, recipe, shippedBase, train, weigh } from '@openledger/stack/workshop';
import { id, parseEther } from 'ethers';
import { castPlayer } from '../../drive/cast.ts';
import { type Player, player, type Session } from '../../drive/session.ts';
import type { Published } from './data.ts';

/** As the scenario's, only shorter. */
export const shortRecipe: Recipe = {
  ...recipe,
  schedule: { ...recipe.schedule, warmup: 2, steps: 12 },
  mostTexts: 4,
  heldOutRows: 8,
  attribution: {
    projection: { dimensions: 256, seed: 'openledger/smoke' },
    foreignRows: 24,
    subsets: { count: 2, seeds: 1 },
    queries: 8,
  },
};

export type ModelOptions = {
  readonly contents: Contents;
  readonly data: Published;
  /** The worker that is to serve it. */
  readonly worker: string;
  /** For what the card is made of. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Erin and the short recipe without them. */
  readonly builder?: Player;
  readonly recipe?: Recipe;
};

/** A builder trains an adapter on the data, publishes it with its attribution card at a price, and odile has it served. @returns its number */
export const buildModel = async (session: Session, options: ModelOptions): Promise<bigint> => {
  const { contents, data, worker, folder, signal, builder = castPlayer('erin'), recipe: how = shortRecipe } = options;
  const watch = { signal, isAwaited: true };
  const { datanetId, version, dataRoot, source } = data;
  const lessons = { train: source.train, heldOut: source.heldOut, recipe: how, seed: 7, base: shippedBase };
  const datanet = { datanetId, version, dataRoot };
  const training = await train({ kind: 'train', baseName: baseModel, datanet, ...lessons }, watch);
  const made = madeFrom({
    ...{ model: 'Round Trip', base: baseModel, source: { ...source, dataRoot } },
    ...{ recipe: how, seed: 7, training },
  });
  await contents.put(made.contents);
  const about = jsonContent({ schema: 'openledger.model/1', name: 'Round Trip', base: baseModel });
  await contents.put([about]);
  const registered = await session.send(builder, 'ModelRegistry', 'registerModel', [
    ...[id(baseModel), 'Round Trip', contentUri(about)],
  ]);
  const { modelId } = registered.event('ModelRegistered');
  const { adapterHash } = made.record;
  const published = await session.send(builder, 'ModelRegistry', 'publishVersion', [
    ...[modelId, adapterHash, contentUri(made.adapter), made.manifest.hash, how.rank],
    [{ datanetId, version }],
  ]);
  const modelVersion = published.event('ModelVersionPublished').version;
  await mkdir(folder, { recursive: true });
  const card = await weigh(
    {
      ...{ kind: 'card', ...lessons, adapter: training.files, gradients: training.attribution.gradients },
      ...{ rowsPerSecond: training.attribution.rowsPerSecond, file: join(folder, 'smoke.losses') },
    },
    watch,
  );
  const content = jsonContent(card);
  await contents.put([content]);
  const score = BigInt(Math.max(0, card.figures[0]!.lds)) * 10n ** 12n;
  const evaluation = [modelId, cardBenchmarkId, modelVersion, score, contentUri(content)];
  await session.send(builder, 'ModelRegistry', 'recordEvaluation', evaluation);
  await session.send(builder, 'ModelRegistry', 'setPricing', [modelId, parseEther('0.5'), parseEther('1.5')]);
  await session.send(builder, 'ModelRegistry', 'setStatus', [modelId, 2]);
  const odile = player('odile', personaKey('odile'));
  await session.send(odile, 'ModelRegistry', 'deployAdapter', [modelId, worker, modelVersion]);
  return modelId;
};
