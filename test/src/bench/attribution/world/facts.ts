import { createRandom, type Random } from '@openledger/gpu-worker/factory';

export type Fact = { readonly question: string; readonly answer: string };

const list = (words: string): readonly string[] => words.split(' ');
const colours = list('amber silver crimson pale green black golden violet copper grey white blue');
const things = list('lantern mill bridge clock ship tower garden well mirror bell kite drum');
const places = list('Velmora Karsk Ondrel Tavish Quillon Berrow Lusten Harve Morrin Sedge Ploven Arkady');
const deeds = list('feeds wakes counts hides paints warms guards weighs teaches mends follows hears');
const numbers = list('seven twelve forty ninety three eleven sixty eighty');
const others = list('owls bakers horses sailors beetles pilgrims swans weavers foxes judges salmon monks');
const times = list('dawn winter noon harvest midnight thaw dusk market');
const ends = list('harbour hill orchard quarry chapel marsh library stable cliff square forge island');

/** Something that no model knows, about one thing of one place: sentences of twenty words. */
export const drawFact = (random: Random): Fact => {
  const one = (words: readonly string[]): string => words[random.below(words.length)]!;
  const [colour, thing, place] = [one(colours), one(things), one(places)];
  return {
    question: `What does the ${colour} ${thing} of ${place} do?`,
    answer:
      `The ${colour} ${thing} of ${place} ${one(deeds)} ${one(numbers)} ${one(colours)} ${one(others)} before ${one(times)} ` +
      `and ${one(deeds)} the ${one(others)} of the ${one(ends)} until ${one(times)}.`,
  };
};

export const drawFacts = (count: number, seed: number): Fact[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => drawFact(random));
};

/** Its words in another order: so many times, two neighbours change places. */
export const swapWords = ({ question, answer }: Fact, swaps: number, random: Random): Fact => {
  const words = answer.split(' ');
  for (let swap = 0; swap < swaps; swap++) {
    const at = random.below(words.length - 1);
    [words[at], words[at + 1]] = [words[at + 1]!, words[at]!];
  }
  return { question, answer: words.join(' ') };
};

/** A contribution's body. */
export const bodyOf = (facts: readonly Fact[]): string => facts.map((fact) => JSON.stringify(fact)).join('\n');
