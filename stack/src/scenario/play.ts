import type { Manifest } from '@openledger/protocol/deploy';
import { accessActs } from './acts/access.ts';
import { type Act, playActs } from './acts/act.ts';
import { datanetActs } from './acts/datanets.ts';
import { modelActs } from './acts/models.ts';
import { moneyActs } from './acts/money.ts';
import { type Chain, connectChain, type Outcome } from './chain.ts';
import type { Contents } from './contents.ts';
import { type Contracts, createContracts } from './contracts.ts';
import { type Library, openLibrary } from './library.ts';
import type { ScenarioLog } from './log.ts';
import { personas } from './personas.ts';
import { contributing } from './policies/contributing.ts';
import { disputing } from './policies/disputing.ts';
import { governing } from './policies/governing.ts';
import { holding } from './policies/holding.ts';
import { publishing } from './policies/publishing.ts';
import { reviewing } from './policies/reviewing.ts';
import { createReviewer } from './reviewer.ts';
import { days, type Intent, type Policy, type Scene } from './scene.ts';
import { createWorld, type World } from './world.ts';

/** Acts that happen once, in the order in which they are thought of. */
export const acts: readonly Act[] = [...moneyActs, ...datanetActs, ...modelActs, ...accessActs];

/** One scenario on one chain: what the personas know, and how they act. */
export type Play = {
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly world: World;
  readonly library: Library;
  /** Learns what has happened on chain since the last time. */
  catchUp(): Promise<void>;
  /** What each policy's personas want to do at a moment. @param gap days since the last moment to act. */
  wishes(moment: { now: number; gap: number; live: boolean }): readonly (readonly Intent[])[];
  scene(moment: { now: number; gap: number; live: boolean }): Scene;
  /** Keeps contents, then sends every intent's transactions and tells what became of them. @param time mines a block then. */
  carryOut(intents: readonly Intent[], time?: number): Promise<void>;
  close(): void;
};

export type PlayOptions = {
  rpcUrl: string;
  manifest: Manifest;
  contents: Contents;
  log: ScenarioLog;
  /** Seconds between the chain's own blocks. */
  blockTime: number;
  /** Where the texts are taken from. */
  nodeModules: string;
  /** A library opened before; otherwise it is read from the packages. */
  library?: Library;
  /** Decides what builders do once there is somewhere to train; without it they do not build. */
  building?: Policy;
  /** Decides when people take what they earned; without it they do not. */
  earning?: Policy;
  signal: AbortSignal;
};

/**
 * Gets ready to act on a chain, from whatever is on it already.
 * @throws Error when the chain is not the one of the manifest, or an account has no coin to pay with.
 */
export async function preparePlay({
  rpcUrl,
  manifest,
  contents,
  log,
  blockTime,
  nodeModules,
  library = openLibrary(nodeModules),
  building = () => [],
  earning = () => [],
  signal,
}: PlayOptions): Promise<Play> {
  const contracts = createContracts(manifest);
  const chain = await connectChain({ rpcUrl, contracts, blockTime, signal });
  for (const { name, address, index } of personas) {
    if ((await chain.balance(address)) < 10n ** 17n) {
      throw new Error(
        `${name} (${address}) cannot pay for transactions. Start the local chain with at least ${index + 1} development accounts.`,
      );
    }
  }
  const world = createWorld();
  const reviewer = createReviewer(library, contents);
  const policies: readonly Policy[] = [
    playActs(acts),
    reviewing,
    publishing,
    governing,
    disputing,
    holding,
    contributing,
    building,
    earning,
  ];
  const givenUp = new Set<string>();

  const catchUp = async () => {
    for (const occurrence of await chain.news()) world.apply(occurrence);
    await reviewer.fetchTexts(world);
  };
  const scene: Play['scene'] = ({ now, gap, live }) => ({
    world,
    contracts,
    library,
    reviewer,
    now,
    day: (now - chain.genesisTime) / days,
    gap,
    live,
  });

  return {
    chain,
    contracts,
    world,
    library,
    catchUp,
    scene,
    wishes(moment) {
      const seen = scene(moment);
      return policies.map((policy) => policy(seen).filter(({ key }) => !givenUp.has(key)));
    },
    async carryOut(intents, time) {
      await contents.put(intents.flatMap((intent) => intent.contents ?? []));
      const sendings = intents.flatMap(({ by, calls }) => calls.map((call) => ({ by, call })));
      const outcomes = time === undefined ? await chain.play(sendings) : await chain.playAt(time, sendings);
      await catchUp();
      const tell = time === undefined ? log.happened : log.remembered;
      let at = 0;
      for (const intent of intents) {
        const own = outcomes.slice(at, at + intent.calls.length);
        at += intent.calls.length;
        const failed = own.find((outcome): outcome is Outcome & { ok: false } => !outcome.ok);
        if (failed === undefined) tell(intent.tell?.(world) ?? intent.say);
        else {
          givenUp.add(intent.key);
          log.failed(intent.say, failed.reason);
        }
      }
    },
    close: () => chain.close(),
  };
}
