import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Body } from '@openledger/gpu-worker/attribution/version';
import { readBase } from '@openledger/gpu-worker/base';
import { createRandom } from '@openledger/gpu-worker/factory';
import type { Hex } from '@openledger/protocol';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { type Figures, round } from '../report.ts';
import type { Part } from './part.ts';
import { openAsking } from './world/asking.ts';
import { bodyOf, drawFacts, type Fact, swapWords } from './world/facts.ts';
import { blind, publish } from './world/version.ts';

const [attacker, copies] = [5n, 20];

/** Caps would hide what copies change. */
const algorithm = { ...startingAlgorithm, caps: { contribution: 1_000_000, account: 1_000_000 } };

/** Contributions 1, 2, … with two facts each; later ones are copies of the attacker's first fact, by the same account. */
const bodiesOf = (facts: readonly Fact[], copied: readonly Fact[]): Body[] => [
  ...Array.from({ length: facts.length / 2 }, (_, at) => ({
    contributionId: BigInt(at + 1),
    body: bodyOf(facts.slice(2 * at, 2 * at + 2)),
  })),
  ...copied.map((fact, at) => ({ contributionId: BigInt(1_000 + at), body: bodyOf([fact]) })),
];

const isAttacker = (contributionId: bigint): boolean => contributionId === attacker || contributionId >= 1_000n;

const accountOf = (contributionId: bigint): Hex =>
  `0x${(isAttacker(contributionId) ? attacker : contributionId).toString(16).padStart(40, '0')}`;

/**
 * Whether it pays to copy one's own row twenty times, exactly and with words that changed places: an adapter is trained and made
 * attributable with the copies and without, and answers' fees are divided as on any worker. What the attacker earns with the
 * copies, as a part of what it earns without; beside it, what it would be if copies were learned and scored like any row.
 */
export const copying: Part = {
  name: 'copying',
  async run({ base: baseFolder, folder, isQuick, threads }, progress) {
    const base = { ...(await readBase(baseFolder)), folder: baseFolder };
    const facts = drawFacts(isQuick ? 24 : 60, 1);
    const own = facts[2 * Number(attacker) - 2]!;
    const random = createRandom(2);
    const swapped = Array.from({ length: copies }, () => swapWords(own, 3, random));
    // Of the attacker's fact, whole and half, and of others'.
    const answers = [own, { ...own, answer: own.answer.slice(0, own.answer.length / 2) }, swapped[0]!];
    const asked = [...answers, ...facts.filter((_, at) => at % 6 === 0 && facts[at] !== own).slice(0, 5)];
    const { tokenizer } = base;

    /** Parts per million of all these answers' fees that are the attacker's. */
    const earned = async (name: string, copied: readonly Fact[], isBlind = false): Promise<number> => {
      progress(`training and attributing ${name}`);
      const at = join(folder, name);
      await mkdir(at);
      const contributions = bodiesOf(facts, copied);
      const steps = isQuick ? 20 : 60;
      const published = await publish({
        ...{ base, contributions, accountOf, folder: at, steps, threads },
        learnsCopies: isBlind,
      });
      const version = isBlind ? blind(published.version) : published.version;
      const asking = await openAsking({ base, adapter: published.adapter, version, capacity: 96, algorithm });
      try {
        let sum = 0;
        for (const { question, answer } of asked) {
          const ids = [...tokenizer.encode(` ${answer}`, { withSpecial: false }), tokenizer.special.end!];
          const { receipt } = await asking.attribute(tokenizer.encode(`Question: ${question}\nAnswer:`), ids);
          for (const { contributionId, ppm } of receipt.shares) if (isAttacker(BigInt(contributionId))) sum += ppm;
        }
        return sum / asked.length;
      } finally {
        await asking.close();
      }
    };

    const exact = Array.from({ length: copies }, () => own);
    const honest = await earned('without-copies', []);
    const figures: Figures = {
      copying_honest_ppm: round(honest),
      copying_exact_ratio: round((await earned('exact-copies', exact)) / honest, 4),
      copying_swapped_ratio: round((await earned('swapped-words', swapped)) / honest, 4),
    };
    if (isQuick) return figures;
    return { ...figures, copying_blind_ratio: round((await earned('unseen-copies', swapped, true)) / honest, 4) };
  },
};
