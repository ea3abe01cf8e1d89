import { id } from 'ethers';
import { modelPlans } from '../acts/models.ts';
import type { Contents } from '../contents.ts';
import type { ScenarioLog } from '../log.ts';
import { persona } from '../personas.ts';
import type { Scene } from '../scene.ts';
import { type Cards, createCards, type MadeCard } from './cards.ts';
import { type Made, madeFrom, type TrainingRecord } from './made.ts';
import { type Recipe, recipe as usual } from './recipe.ts';
import type { Run, Runs } from './runs.ts';
import { readSource, type Source } from './source.ts';
import { shippedBase, train, weigh } from './train.ts';
import { type Wanted, wanted } from './wanted.ts';

/** Where builders train adapters, one at a time, beside everything else that happens. */
export type Workshop = {
  /** Begins the next work when none is under way, and reads the records of versions that are published. */
  look(scene: Scene): Promise<void>;
  isBusy(): boolean;
  /** What is trained and not known to be published. */
  made(): readonly Made[];
  /** How a published version was trained, by its `manifestHash`; undefined until it was read. */
  recordOf(manifestHash: string): TrainingRecord | undefined;
  /** Its attribution card, once it is made. */
  cardOf(manifestHash: string): MadeCard | undefined;
  /** Ends what is under way. */
  close(): Promise<void>;
};

export type WorkshopOptions = {
  contents: Contents;
  runs: Runs;
  log: Pick<ScenarioLog, 'happened' | 'failed'>;
  /** What is begun and not done is kept here over a restart. */
  folder: string;
  /** The scenario's own without it. */
  recipe?: Recipe;
  /** Stand in for the work itself in no case but to try the rest. */
  trains?: typeof train;
  weighs?: typeof weigh;
};

export async function openWorkshop(options: WorkshopOptions): Promise<Workshop> {
  const { contents, runs, log, folder, recipe = usual, trains = train, weighs = weigh } = options;
  const made: Made[] = [];
  const records = new Map<string, TrainingRecord | undefined>();
  const tried = new Set<string>();
  const stop = new AbortController();
  const cards: Cards = createCards({ contents, folder, log, weighs, signal: stop.signal });
  let underWay: Promise<void> | undefined;

  await runs.cancelLeftovers([...new Set(modelPlans.map(({ by }) => persona(by).address))]);

  const make = async (want: Wanted, source: Source): Promise<void> => {
    const { plan, modelId, base, dataRoot } = want;
    const { by, name, datanet } = plan;
    const what = `${name} on version ${want.version} of ${datanet}`;
    const seed = Number(modelId) * 1_000 + want.version;
    const begun = Date.now();
    let run: Run | undefined;
    try {
      run = await runs.begin({
        owner: persona(by).address,
        modelId,
        baseModelId: id(base) as `0x${string}`,
        settings: recipe,
        seed,
        source: { datanetId: want.datanetId, version: want.version, dataRoot },
      });
      const follow = run;
      const counts = `${source.trainedOn.length} contributions, ${source.heldBack.length} held out`;
      log.happened(`${by} trains ${what} (${counts})`);
      const { train, heldOut, datanetId, version } = source;
      const datanetVersion = { datanetId, version, dataRoot };
      const training = await trains(
        { kind: 'train', base: shippedBase, baseName: base, datanet: datanetVersion, train, heldOut, recipe, seed },
        { signal: stop.signal, onProgress: (done) => void follow.progress(done).catch(() => {}) },
      );
      const { lossBefore, lossAfter } = training;
      const seconds = Math.round((Date.now() - begun) / 1_000);
      await run.succeed(training.hash, { lossBefore, lossAfter, seconds });
      const gained = `loss on what was held out ${lossBefore.toFixed(2)} → ${lossAfter.toFixed(2)}`;
      log.happened(`${by} trained ${what} in ${seconds} s: ${gained}`);
      if (lossAfter >= lossBefore) return;
      const one = madeFrom({ model: name, base, source: { ...source, dataRoot }, recipe, seed, training });
      made.push(one);
      await cards.make({ record: one.record, manifestHash: one.manifest.hash, source, training });
    } catch (error) {
      if (stop.signal.aborted) {
        await run?.cancel().catch(() => {});
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      await run?.fail(reason).catch(() => {});
      log.failed(`${by} trains ${what}`, reason);
    }
  };

  const begin = (work: Promise<void>): void => {
    underWay = work.finally(() => {
      underWay = undefined;
    });
  };

  const next = async (scene: Scene): Promise<void> => {
    const card = await cards.missing(scene, (manifestHash) => records.get(manifestHash));
    if (card !== undefined) return begin(cards.make(card));
    for (const want of wanted(scene)) {
      const key = `${want.modelId}/${want.version}`;
      if (tried.has(key)) continue;
      tried.add(key);
      const source = await readSource(contents, { ...want, heldOutEvery: recipe.heldOutEvery });
      if (source === undefined) continue;
      return begin(make(want, source));
    }
  };

  return {
    async look(scene) {
      const published = scene.world.history.get('ModelRegistry.ModelVersionPublished') ?? [];
      for (const { args } of published) {
        if (!records.has(args.manifestHash))
          records.set(args.manifestHash, await readRecord(contents, args.manifestHash));
      }
      const out = made.findIndex(({ manifest }) => records.has(manifest.hash));
      if (out >= 0) made.splice(out, 1);
      if (underWay === undefined) await next(scene);
    },
    isBusy: () => underWay !== undefined,
    made: () => made,
    recordOf: (hash) => records.get(hash),
    cardOf: cards.of,
    async close() {
      stop.abort();
      await underWay;
    },
  };
}

/** Of versions that others published nothing is known. */
async function readRecord(contents: Contents, hash: string): Promise<TrainingRecord | undefined> {
  const body = await contents.text(hash);
  if (body === undefined) return undefined;
  try {
    const json = JSON.parse(body) as TrainingRecord;
    return json.schema === 'openledger.training/1' ? json : undefined;
  } catch {
    return undefined;
  }
}
