import { setTimeout as sleep } from 'node:timers/promises';
import { steps } from '@openledger/api/relay';
import { relay } from '@openledger/db/app';
import { eq, inArray, sql } from 'drizzle-orm';
import { type Audit, audit, unsettled } from './audit.ts';
import { type Child, loadChild } from './children.ts';
import { contribute } from './contribute.ts';
import { type Ground, layGround } from './ground.ts';
import { type Miner, startMiner } from './mining.ts';

export type CrashOptions = {
  /** How often the relayer dies at each step. */
  readonly crashes: number;
  /** Everywhere when left out. */
  readonly at?: readonly Place[];
  readonly say?: (message: string) => void;
  readonly signal?: AbortSignal;
};

export type CrashVerdict = Audit & {
  /** How often the process died, everywhere together. */
  readonly crashes: number;
  readonly places: number;
  /** Transactions that stayed open, and rows that say they failed. */
  readonly unsettled: number;
  readonly failed: number;
};

/** Where it dies: at a step, or wherever it happens to be. */
const places = [...steps, 'anywhere'] as const;
export type Place = (typeof places)[number];

/** Milliseconds a relayer has to come to its step, or to finish. */
const PATIENCE_MS = 60_000;
const isBump = (step: Place) => step === 'bumping' || step === 'bump-stored' || step === 'bumped';

/** A step that no process came to, or a process that ended otherwise. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/**
 * Lets a relayer die, by SIGKILL, at each step of its work, again and again: each time with new contributions waiting and
 * whatever the one before it left lying about, some of it on blocks that were taken back. The last one lives, and finishes. Then the chain is counted.
 */
export async function runCrashes({
  crashes,
  at = places,
  say = () => {},
  signal,
}: CrashOptions): Promise<CrashVerdict> {
  const ground = await layGround();
  const miner = await startMiner(ground.chain);
  let spare: Promise<Child> = loadChild(ground.folder);
  try {
    let died = 0;
    for (const step of at) {
      for (let i = 0; i < crashes; i++) {
        signal?.throwIfAborted();
        const child = await spare;
        // Now and then the newest blocks are taken back too, with what stood in them.
        if (i % 4 === 3) await takeBack(ground, miner);
        spare = loadChild(ground.folder);
        await dieAt({ ground, miner, child, step, name: `${step} ${i}` });
        died += 1;
        if ((i + 1) % 20 === 0 || i + 1 === crashes)
          say(`died ${i + 1} of ${crashes} times at ${step}, ${died} in all`);
      }
    }
    await finish(ground, await spare);
    spare = loadChild(ground.folder);
    const failed = await ground.db.$count(relay, eq(relay.state, 'failed'));
    return { crashes: died, places: at.length, ...(await audit(ground)), unsettled: await unsettled(ground), failed };
  } finally {
    (await spare).kill();
    await miner.stop();
    await ground.stop();
  }
}

type Death = {
  readonly ground: Ground;
  readonly miner: Miner;
  readonly child: Child;
  readonly step: Place;
  readonly name: string;
};

/** Two blocks go, and what stood in them is forgotten by the node. */
async function takeBack({ chain }: Ground, miner: Miner): Promise<void> {
  await miner.set(false);
  await chain.call('anvil_reorg', [2, []]);
  await miner.set(true);
}

async function dieAt({ ground, miner, child, step, name }: Death): Promise<void> {
  if (isBump(step)) {
    await miner.set(false);
    await block(ground, cheap);
  }
  const keys = await contributions(ground, name);
  child.go(ground.config, step === 'anywhere' ? null : step);
  if (isBump(step)) await passBy(ground, name, keys, child);
  if (step === 'anywhere') setTimeout(child.kill, Math.random() * 1_000);
  const ended = await Promise.race([child.ended, sleep(PATIENCE_MS, 'alive', { ref: false })]);
  if (isBump(step)) await miner.set(true);
  if (ended !== 'SIGKILL') {
    child.kill();
    throw new CrashError(`The relayer was to die at ${name}, and ended otherwise: ${ended}.`);
  }
}

/** One to three of different people, so that some go in batches. */
async function contributions(ground: Ground, name: string): Promise<readonly string[]> {
  const count = 1 + (name.length % 3);
  const made = ground.people.slice(0, count).map((who, i) => contribute(ground, who, `${name} ${i}`));
  return (await Promise.all(made)).map(({ idempotencyKey }) => idempotencyKey);
}

/** Wei for each gas: what is offered at the one, with room for it to double, is too little for the other. */
const cheap = 1_000_000_000n;
const dear = 5_000_000_000n;

/** The earlier death may have left the chain dear: what is offered then would be mined, and there were nothing to raise. */
async function block({ chain }: Ground, baseFee: bigint): Promise<void> {
  await chain.call('anvil_setNextBlockBaseFeePerGas', [`0x${baseFee.toString(16)}`]);
  await chain.mine(1);
}

/** Blocks go by that ask more than was offered. */
async function passBy(ground: Ground, name: string, sent: readonly string[], child: Child): Promise<void> {
  const { db } = ground;
  let keys = sent;
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  const isOut = async () =>
    (await db.$count(relay, sql`${inArray(relay.idempotencyKey, [...keys])} and ${relay.state} <> 'pending'`)) > 0;
  // With as much under way as a relayer lets be, nothing new goes out before blocks go by.
  const goOut = async () => {
    const until = Date.now() + 2_000;
    while (!hasEnded && Date.now() < until && !(await isOut())) await sleep(20);
  };
  await goOut();
  const deadline = Date.now() + PATIENCE_MS;
  for (let more = 0; !hasEnded && Date.now() < deadline; ) {
    // What was offered late was offered dear, and mined: there is nothing to raise before something else is sent.
    if ((await db.$count(relay, inArray(relay.state, ['pending', 'submitted']))) === 0) {
      await block(ground, cheap);
      keys = await contributions(ground, `${name}, again ${++more}`);
      await goOut();
    }
    await block(ground, dear);
    await sleep(100);
  }
}

async function finish(ground: Ground, child: Child): Promise<void> {
  child.go(ground.config, null);
  const isOpen = () => ground.db.$count(relay, inArray(relay.state, ['pending', 'submitted', 'mined']));
  const deadline = Date.now() + PATIENCE_MS;
  while ((await isOpen()) > 0 || (await unsettled(ground)) > 0) {
    if (Date.now() > deadline) break;
    await sleep(50);
  }
  await child.stop();
}

export type AskedCrashes = Required<Pick<CrashOptions, 'crashes' | 'at'>>;

/** What `npm run verify -- relay` was asked for. @throws CrashError naming what is wrong. */
export function readCrashOptions(flags: readonly string[]): AskedCrashes {
  let [crashes, at]: [number, readonly Place[]] = [100, places];
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value] = [flags[i]!, flags[i + 1]];
    if (flag === '--crashes') crashes = readCount(value);
    else if (flag === '--at') at = readPlaces(value);
    else throw new CrashError(`${flag} is unknown: there are --crashes and --at.`);
  }
  return { crashes, at };
}

function readCount(value: string | undefined): number {
  if (value !== undefined && /^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new CrashError(`--crashes is ${value ?? 'missing'}: it must be a whole number from 1 to 9999.`);
}

function readPlaces(value: string | undefined): readonly Place[] {
  const named = value?.split(',') ?? [];
  const unknown = named.find((name) => !places.some((place) => place === name));
  if (named.length > 0 && unknown === undefined) return places.filter((place) => named.includes(place));
  throw new CrashError(`--at is ${unknown ?? 'missing'}: there are ${places.join(', ')}, several separated by commas.`);
}
