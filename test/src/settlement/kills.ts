import { keeperMoments, type Moment, type Phase, settlerMoments } from '@openledger/gpu-worker/settlement';
import { parseEther } from 'ethers';
import { auditBooks } from './books.ts';
import { type DyingChild, loadDying } from './dyingChild.ts';
import { type IndexedGround, layIndexedGround } from './indexed.ts';
import { createStages } from './stages.ts';

/** A process and where it dies. Both make batches final. */
export type Death = { readonly who: 'settler' | 'keeper'; readonly at: Moment };

/** Every step of every service that settles. */
export const deaths: readonly Death[] = [
  ...settlerMoments.map((at) => ({ who: 'settler' as const, at })),
  ...keeperMoments.map((at) => ({ who: 'keeper' as const, at })),
];

export type KillsOptions = {
  /** How often a process dies at each step. */
  readonly kills: number;
  /** Everywhere without it. */
  readonly at?: readonly Death[];
  readonly say?: (message: string) => void;
  readonly signal?: AbortSignal;
};

export type KillsVerdict = {
  readonly kills: number;
  readonly steps: number;
  readonly answers: number;
  readonly lost: number;
  readonly doubled: number;
  /** Wei of OPEN that are not where they should be. */
  readonly off_wei: string;
};

/** A process that ended otherwise than it was to. */
export class KillsError extends Error {
  override readonly name = 'KillsError';
}

const DEPOSIT = '1000';

/**
 * Lets the settler and the keeper of epochs die, by SIGKILL, at each step of their work, again and again: each time with work
 * for that step, and with what the one before it left lying about, some of it in the pool, some on blocks that were taken
 * back. The last ones live, and finish. Then every wei is counted.
 */
export const runKills = async ({ kills, at = deaths, say = () => {}, signal }: KillsOptions): Promise<KillsVerdict> => {
  const ground = await layIndexedGround({ deposit: DEPOSIT });
  let spare = loadDying();
  try {
    const stages = createStages(ground);
    let died = 0;
    for (let round = 0; round < kills; round += 1) {
      for (const death of at) {
        signal?.throwIfAborted();
        const child = await spare;
        spare = loadDying();
        if (died % 9 === 8) await takeBack(ground);
        await stages.prepare(death.at.split(' ')[0] as Phase);
        await die(ground, child, death, died % 2 === 1);
        died += 1;
      }
      if ((round + 1) % 5 === 0 || round + 1 === kills)
        say(`died ${round + 1} of ${kills} times at each of ${at.length} steps`);
    }
    await stages.finish();
    const { answers, lost, doubled, offWei } = await auditBooks(ground, parseEther(DEPOSIT));
    return { kills: died, steps: at.length, answers, lost, doubled, off_wei: `${offWei}` };
  } finally {
    (await spare).kill();
    await ground.stop();
  }
};

/** Two blocks go, with what stood in them; the index notices at the next one. */
const takeBack = async ({ chain }: IndexedGround): Promise<void> => {
  await chain.call('anvil_reorg', [2, []]);
  await chain.mine(1);
};

/** @param isStuck whether what it sends stays in the pool until it is dead, and for the next one to find */
const die = async (ground: IndexedGround, child: DyingChild, { who, at }: Death, isStuck: boolean) => {
  const { chain, place } = ground;
  const holds = isStuck && at.endsWith(' sent');
  if (holds) await chain.setAutomine(false);
  const how = await child.dieAt({ place, who, at });
  if (holds) await chain.setAutomine(true);
  // What it sent stands in a block before anybody looks.
  if (at.endsWith(' sent')) await chain.mine(1);
  if (how === 'SIGKILL') return;
  const state = await stateOf(ground);
  throw new KillsError(`The ${who} was to die at “${at}”, and ended otherwise: ${how}. What there was then:\n${state}`);
};

/** How far answers are, and batches; for whoever looks for what went wrong. */
const stateOf = async ({ sql, provider }: IndexedGround): Promise<string> => {
  const answers = await sql`
    select i.attribution_status as "onChain", i.batch_id::text as "inBatch", r.batch_id::text as "markedBatch",
      r.request_id is not null as "hasReceipt", count(*)::int as answers
    from app.inference_record a left join chain.inference i using (request_id) left join app.receipt r using (request_id)
    where i.attribution_status is distinct from 'final' or r.batch_id is distinct from i.batch_id
    group by 1, 2, 3, 4 order by 1, 2, 3, 4`;
  const batches = await sql`select id::text, status from chain.attribution_batch order by id desc limit 6`;
  const block = await provider.getBlockNumber();
  return [...answers, ...batches, { block }].map((row) => JSON.stringify(row)).join('\n');
};

/** What `npm run verify -- settlement` was asked for. @throws KillsError naming what is wrong */
export const readKillsOptions = (flags: readonly string[]): { readonly kills: number } => {
  let kills = 50;
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value] = [flags[i]!, flags[i + 1]];
    if (flag !== '--kills') throw new KillsError(`${flag} is unknown: there is --kills.`);
    if (value === undefined || !/^[1-9]\d{0,3}$/.test(value)) {
      throw new KillsError(`--kills is ${value ?? 'missing'}: it must be a whole number from 1 to 9999.`);
    }
    kills = Number(value);
  }
  return { kills };
};
