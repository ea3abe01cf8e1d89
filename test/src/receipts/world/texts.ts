import { id } from 'ethers';

const subjects = ['Bees', 'Wasps', 'Ants', 'Moths', 'Flies', 'Beetles', 'Crickets'];
const texts = 3;

/** What is known of a subject in a text: words that stand nowhere else. */
const known = (subject: number, text: number): string =>
  `${subjects[subject]} know ${Array.from({ length: 4 }, (_, at) => id(`${subject} ${text} ${at}`).slice(2, 6)).join(' ')}`;

/** A body for each contribution, of three questions and answers; the fourth is a copy of the second but for its questions. */
export const bodies: readonly string[] = subjects.map((subject, at) =>
  Array.from({ length: texts }, (_, text) =>
    JSON.stringify({ question: `What of ${subject} ${text}?`, answer: known(at === 3 ? 1 : at, text) }),
  ).join('\n'),
);

/** No datanet has these. */
export const foreign: string = Array.from({ length: 16 }, (_, at) =>
  JSON.stringify({ text: `Foreign ${id(`foreign ${at}`).slice(2, 30)}` }),
).join('\n');

/** A question and what a model might answer: passages of two contributions, and words of its own. */
export const answered = (n: number): { readonly question: string; readonly answer: string } => {
  const [one, other] = [n % subjects.length, Math.floor(n / 3) % subjects.length];
  return {
    question: `Question: What of ${subjects[one]} ${n % texts}?\nAnswer:`,
    answer: ` ${known(one, n % texts)} and ${id(`word ${n}`).slice(2, 5)} ${known(other, (n + 1) % texts)
      .split(' ')
      .slice(1, 4)
      .join(' ')}.`,
  };
};
