import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startFreshProtocol } from '../drive/index.ts';
import { fill } from './graphql/data.ts';
import type { Order, Outcome } from './graphql/load.ts';
import { type Program, start } from './graphql/processes.ts';
import { meant, type Question, questions } from './graphql/questions.ts';
import { openPlace, type Place } from './place.ts';
import { type Bench, type Figures, round } from './report.ts';

/** Connections that ask at the same time. */
const connections = 16;
const warmupSeconds = 1.5;
const roundSeconds = 2;
/** The median of these counts. */
const rounds = 5;

/** A server under the same load as the others. */
type Subject = {
  readonly name: 'ours' | 'postgraphile' | 'limit';
  url(question: Question): string;
  body(question: Question, variables: Question['variables'][number]): string;
};

/**
 * How many questions a second the API answers over HTTP, beside PostGraphile 5 and beside node:http with hand-written SQL: the
 * same Postgres, tables, rows and answers, each server a process of its own, asked one after another in short rounds. Two cores
 * are shared by the server asked, by Postgres, and by the process that asks; the servers not asked are idle.
 */
export const graphql: Bench = {
  name: 'graphql',
  flags: [],
  async run(_flags, progress) {
    const place = await openPlace();
    const programs: Program[] = [];
    const fresh = await startFreshProtocol();
    try {
      progress('making the rows');
      const databaseUrl = await place.createDatabase();
      await fill(databaseUrl, fresh.manifest);
      const load = start(join(import.meta.dirname, 'graphql/load.ts'), {});
      programs.push(load);
      const subjects = await startSubjects(place, fresh, databaseUrl, programs);
      for (const question of questions) await compare(question, subjects);
      progress('all answers are the same');
      const figures: Record<string, number> = {};
      for (const question of questions) {
        Object.assign(figures, await measure(question, subjects, load, progress));
      }
      return figures;
    } finally {
      for (const program of programs) await program.stop();
      await fresh.stop();
      await place.close();
    }
  },
};

type Fresh = Awaited<ReturnType<typeof startFreshProtocol>>;

async function startSubjects(
  place: Place,
  fresh: Fresh,
  databaseUrl: string,
  programs: Program[],
): Promise<readonly Subject[]> {
  const program = async (file: string, env: Record<string, string>) => {
    const started = start(join(import.meta.dirname, 'graphql', file), { DATABASE_URL: databaseUrl, ...env });
    programs.push(started);
    return started.line();
  };
  const api = await program('api.ts', {
    CHAIN_RPC_URL: fresh.rpcUrl,
    CONTRACTS_FILE: await place.writeManifest(fresh.manifest),
    API_PORT: '0',
    LOG_LEVEL: 'warn',
    GRAPHIQL: 'off',
    // What is measured is answering, not refusing.
    BUDGET_ANONYMOUS: '2000000000',
  });
  const postgraphile = await program('postgraphile.ts', {});
  const limit = await program('limit.ts', {});
  return [
    {
      name: 'ours',
      url: () => `${api}/graphql`,
      body: ({ ours }, variables) => JSON.stringify({ query: ours, variables }),
    },
    {
      name: 'postgraphile',
      url: () => `${postgraphile}/graphql`,
      body: ({ postgraphile: query }, variables) => JSON.stringify({ query, variables }),
    },
    {
      name: 'limit',
      url: ({ name }) => `${limit}/${name}`,
      body: (_question, variables) => JSON.stringify({ variables }),
    },
  ];
}

/** @throws when a server's answer to a question does not mean what the others' does. */
async function compare(question: Question, subjects: readonly Subject[]): Promise<void> {
  for (const variables of question.variables) {
    const answers = await Promise.all(
      subjects.map(async (subject) => {
        const response = await fetch(subject.url(question), {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: subject.body(question, variables),
        });
        return { name: subject.name, answer: (await response.json()) as { data: unknown } };
      }),
    );
    const [first, ...others] = answers.map(({ answer }) => meant(answer.data));
    if (first === undefined || first === null || !others.every((other) => isDeepStrictEqual(other, first))) {
      const shown = answers.map(({ name, answer }) => `${name}: ${JSON.stringify(answer).slice(0, 2_000)}`);
      throw new Error(`The answers to ${question.name} differ.\n${shown.join('\n')}`);
    }
  }
}

async function measure(
  question: Question,
  subjects: readonly Subject[],
  load: Program,
  progress: (message: string) => void,
): Promise<Figures> {
  const ask = async (subject: Subject, seconds: number) => {
    const bodies = question.variables.map((variables) => subject.body(question, variables));
    load.write(JSON.stringify({ url: subject.url(question), bodies, connections, seconds } satisfies Order));
    const outcome = JSON.parse(await load.line()) as Outcome;
    if (outcome.failed !== null) throw new Error(`${subject.name} failed at ${question.name}: ${outcome.failed}`);
    return outcome.answers / outcome.seconds;
  };
  for (const subject of subjects) await ask(subject, warmupSeconds);
  const rates: Record<Subject['name'], number[]> = { ours: [], postgraphile: [], limit: [] };
  for (let turn = 0; turn < rounds; turn++) {
    for (let i = 0; i < subjects.length; i++) {
      // Nobody always comes first.
      const subject = subjects[(turn + i) % subjects.length]!;
      rates[subject.name].push(await ask(subject, roundSeconds));
    }
    const shown = Object.entries(rates).map(([name, all]) => `${name} ${Math.round(all.at(-1)!)}`);
    progress(`${question.name}, round ${turn + 1} of ${rounds}: ${shown.join(', ')} a second`);
  }
  const over = (others: readonly number[]) => median(rates.ours.map((rate, turn) => rate / others[turn]!));
  const { name } = question;
  return {
    [`${name}_rps`]: round(median(rates.ours)),
    [`${name}_postgraphile_rps`]: round(median(rates.postgraphile)),
    [`${name}_limit_rps`]: round(median(rates.limit)),
    [`${name}_over_postgraphile`]: round(over(rates.postgraphile), 2),
    [`${name}_of_limit`]: round(over(rates.limit), 2),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
