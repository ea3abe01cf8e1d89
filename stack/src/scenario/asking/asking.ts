import { setTimeout as sleep } from 'node:timers/promises';
import { formatEther } from 'ethers';
import { type ModelPlan, modelNamed, modelPlans } from '../acts/models.ts';
import type { ScenarioLog } from '../log.ts';
import type { PersonaName } from '../personas.ts';
import type { Play } from '../play.ts';
import { deployedVersions, workerOf } from '../policies/building.ts';
import { chance } from '../scene.ts';
import { themes } from '../themes.ts';
import { type Answer, type Asker, createAsker } from './client.ts';
import { questionAbout } from './questions.ts';

/** Who asks about which datanets' subjects. */
const askers: readonly (readonly [PersonaName, readonly string[]])[] = [
  ['pia', ['TypeScript Handbook', 'Node Operations']],
  ['sol', ['Solidity & Smart Contracts', 'Licence Texts']],
  ['tess', ['Licence Texts', 'Node Operations', 'TypeScript Handbook']],
  // Whose private datanet it is may ask what was trained on it.
  ['edda', ['Database Internals']],
];

export type AskingOptions = {
  play: Play;
  /** Where the API answers. */
  apiUrl: string;
  log: Pick<ScenarioLog, 'happened' | 'failed'>;
  /** Milliseconds between two questions, at least and at most. */
  pace?: readonly [number, number];
  signal: AbortSignal;
};

/** Failures in a row that are told: one is nothing while a deployment finds its way to the worker. */
const patience = 3;

/**
 * Asks what is served, one question every few seconds, for as long as it may.
 * @throws AbortError when the signal aborts.
 */
export async function askQuestions({
  play,
  apiUrl,
  log,
  pace = [9_000, 18_000],
  signal,
}: AskingOptions): Promise<void> {
  const { manifest } = play.contracts;
  const clients = new Map(askers.map(([name]) => [name, createAsker({ name, apiUrl, manifest, signal })]));
  let failures = 0;
  for (let i = 0; ; i++) {
    const [least, most] = pace;
    await sleep(least + (most - least) * chance('between questions', i, Date.now()), undefined, { signal });
    const asked = choose(play, `${Date.now()}`);
    if (asked === undefined) continue;
    const { by, plan, modelId, question } = asked;
    try {
      const answer = await clients.get(by)!.ask(modelId, question);
      failures = 0;
      log.happened(tell(by, plan, question, answer));
    } catch (error) {
      signal.throwIfAborted();
      failures += 1;
      const reason = error instanceof Error ? error.message : String(error);
      if (failures % patience === 0) log.failed(`${by} asks ${plan.name}`, reason);
    }
  }
}

type Question = { by: Asker['name']; plan: ModelPlan; modelId: bigint; question: string };

function choose({ world, library }: Play, key: string): Question | undefined {
  const worker = workerOf({ world });
  if (worker === undefined) return undefined;
  const possible = modelPlans.flatMap((plan) => {
    const modelId = modelNamed(world, plan);
    if (modelId === undefined || deployedVersions({ world }, modelId, worker).length === 0) return [];
    const who = askers.filter(([, subjects]) => plan.datanet !== undefined && subjects.includes(plan.datanet));
    return who.map(([by]) => ({ by, plan, modelId }));
  });
  const one = possible[Math.floor(chance('who asks', key) * possible.length)];
  const theme = themes.find(({ name }) => name === one?.plan.datanet);
  const question = theme === undefined ? undefined : questionAbout(library, theme, key);
  return one === undefined || question === undefined ? undefined : { ...one, question };
}

function tell(by: string, { name }: ModelPlan, question: string, answer: Answer): string {
  const { text, inputTokens, outputTokens, fee, version } = answer;
  const price = fee === 0n ? 'free' : `${formatEther(fee)} OPEN`;
  const counts = `${inputTokens} + ${outputTokens} tokens, ${price}`;
  return `${by} asked ${name} (version ${version}): “${shortened(question)}” “${shortened(text)}” (${counts})`;
}

function shortened(text: string, length = 110): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1).trimEnd()}…`;
}
