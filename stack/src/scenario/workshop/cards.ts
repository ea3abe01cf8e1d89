import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { attributionRecordSchema, type Card, cardBenchmarkId } from '@openledger/protocol/attribution';
import { modelNamed, modelPlans } from '../acts/models.ts';
import { type Content, type Contents, contentNamed, jsonContent } from '../contents.ts';
import type { ScenarioLog } from '../log.ts';
import type { Scene } from '../scene.ts';
import type { TrainingRecord } from './made.ts';
import type { AdapterFiles, Training } from './messages.ts';
import { readSource, type Source } from './source.ts';
import { shippedBase, type weigh } from './train.ts';

/** An attribution card, and the content that its version is evaluated with. */
export type MadeCard = { readonly card: Card; readonly content: Content };

/** A version whose card is to be made. */
export type CardWanted = {
  readonly record: TrainingRecord;
  readonly manifestHash: string;
  readonly source: Source;
  readonly training: Pick<Training, 'files'> & { readonly attribution: Pick<Training['attribution'], 'gradients'> };
};

/** The attribution cards of builders' versions. */
export type Cards = {
  of(manifestHash: string): MadeCard | undefined;
  /** A model's latest version that stands on chain without a card, with all that its card is made of. */
  missing(
    scene: Scene,
    recordOf: (manifestHash: string) => TrainingRecord | undefined,
  ): Promise<CardWanted | undefined>;
  /** Never rejects: a version without a card is served all the same, and nobody is paid for its answers. */
  make(wanted: CardWanted): Promise<void>;
};

export type CardsOptions = {
  contents: Contents;
  folder: string;
  log: Pick<ScenarioLog, 'happened' | 'failed'>;
  weighs: typeof weigh;
  signal: AbortSignal;
};

export function createCards({ contents, folder, log, weighs, signal }: CardsOptions): Cards {
  const made = new Map<string, MadeCard>();
  const tried = new Set<string>();
  return {
    of: (manifestHash) => made.get(manifestHash),
    async missing({ world }, recordOf) {
      for (const plan of modelPlans) {
        const modelId = modelNamed(world, plan);
        const published = world.latest('ModelRegistry.ModelVersionPublished', { modelId: modelId ?? 0n })?.args;
        if (published === undefined || tried.has(published.manifestHash)) continue;
        const { manifestHash, version, adapterURI } = published;
        const evaluation = { modelId: published.modelId, version, benchmarkId: cardBenchmarkId };
        const record = recordOf(manifestHash);
        if (record?.attribution === undefined) continue;
        if (world.happened('ModelRegistry.ModelEvaluated', evaluation)) continue;
        tried.add(manifestHash);
        const { datanetId, version: datanetVersion } = record.source;
        const uri = world.latest('DatanetRegistry.DatanetVersionPublished', {
          datanetId: BigInt(datanetId),
          version: BigInt(datanetVersion),
        })?.args.uri;
        const source = await readSource(contents, {
          datanetId: BigInt(datanetId),
          version: datanetVersion,
          uri,
          heldOutEvery: record.recipe.heldOutEvery,
        });
        const files = await readAdapter(contents, adapterURI);
        const gradients = await readGradients(contents, record.attribution);
        if (source === undefined || files === undefined || gradients === undefined) continue;
        return { record, manifestHash, source, training: { files, attribution: { gradients } } };
      }
      return undefined;
    },
    async make({ record, manifestHash, source, training }) {
      const { model, adapterHash, recipe, seed, rowsPerSecond } = record;
      tried.add(manifestHash);
      const what = `the attribution card of ${model}`;
      const begun = Date.now();
      try {
        await mkdir(folder, { recursive: true });
        const card = await weighs(
          {
            kind: 'card',
            base: shippedBase,
            train: source.train,
            heldOut: source.heldOut,
            recipe,
            seed,
            adapter: training.files,
            gradients: training.attribution.gradients,
            rowsPerSecond,
            file: join(folder, `${adapterHash}.losses`),
          },
          { signal },
        );
        made.set(manifestHash, { card, content: jsonContent(card) });
        const { count, seeds } = card.subsets;
        const seconds = Math.round((Date.now() - begun) / 1_000);
        log.happened(`${what} was made in ${seconds} s, by ${count * seeds} retrainings`);
      } catch (error) {
        if (!signal.aborted) log.failed(what, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

async function readAdapter(contents: Contents, uri: string): Promise<AdapterFiles | undefined> {
  const manifest = await contents.text(contentNamed(uri) ?? '');
  if (manifest === undefined) return undefined;
  const { files } = JSON.parse(manifest) as { files: Record<string, string> };
  const [config, tensors] = await Promise.all(
    ['adapter_config.json', 'adapter_model.safetensors'].map((name) => contents.bytes(files[name] ?? '')),
  );
  return config === undefined || tensors === undefined ? undefined : { config, tensors };
}

async function readGradients(contents: Contents, recordHash: string): Promise<Uint8Array | undefined> {
  const text = await contents.text(recordHash);
  const record = text === undefined ? undefined : attributionRecordSchema.safeParse(JSON.parse(text)).data;
  return record === undefined ? undefined : contents.bytes(record.files.gradients);
}
