import { rowsNamed } from './finding.ts';
import { graded, type Rule } from './sight.ts';
import { tokensOf } from './tokens.ts';

const said = (text: string | undefined) => tokensOf(text ?? '').join(' ');

/** What questions and answers must be beside text: answered, and each with its own. */
export const judgeAnswers: readonly Rule[] = [
  ({ rows, unit }) => {
    const asked = rows.filter(({ row }) => row.question !== undefined);
    const empty = asked.filter(({ row }) => said(row.answer) === '' || said(row.question) === '');
    return graded(
      'unanswered',
      empty.length / Math.max(1, asked.length),
      { hold: 0.02, refuse: 0.2 },
      () =>
        `A question or its answer is empty in ${rowsNamed(
          empty.map(({ row }) => row.line),
          unit,
        )}. Fill it in, or leave the row out.`,
    );
  },
  ({ rows, unit }) => {
    const asked = rows.filter(({ row }) => row.question !== undefined);
    const echoes = asked.filter(({ row }) => said(row.question) !== '' && said(row.question) === said(row.answer));
    return graded(
      'echo',
      echoes.length / Math.max(1, asked.length),
      { hold: 0.02, refuse: 0.2 },
      () =>
        `The answer only repeats its question in ${rowsNamed(
          echoes.map(({ row }) => row.line),
          unit,
        )}. Write what answers it.`,
    );
  },
  ({ rows }) => {
    const asked = rows.filter(({ row }) => row.question !== undefined);
    if (asked.length < 8) return undefined;
    const counts = new Map<string, number>();
    for (const { row } of asked) counts.set(said(row.answer), (counts.get(said(row.answer)) ?? 0) + 1);
    // "Yes", a name or a label may be the answer to many questions, a sentence is not.
    const [answer, count] = [...counts]
      .filter(([text]) => text.split(' ').length > 4)
      .reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
    return graded(
      'same-answer',
      count / asked.length,
      { hold: 0.3, refuse: 0.6 },
      () =>
        `${count} of ${asked.length} questions have the same answer (“${answer.slice(0, 60)}”). Answer each for itself.`,
    );
  },
];
