import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Await, Member, Said } from './member.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Nobody is written to in a terminal that they left. */
export type Visitor = Pick<Member, 'name' | 'command' | 'press' | 'fill'> & {
  /** Leaves, and waits until everything has ended. @returns its exit code */
  readonly leave: () => Promise<number | null>;
};

/** Somebody at `npm run chat`, with the stack of a folder and the wallet that it left there. */
export const onTerminal = ({ stateDir, until }: { stateDir: string; until: Await }): Visitor => {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn('npm', ['run', '-s', 'chat'], {
    cwd: root,
    env: { ...env, OPENLEDGER_STATE_DIR: stateDir, LANG: 'en_US.UTF-8', USER: 'cleo' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (words: string) => {
      shown += words;
    });
  }
  /** Types a line, and waits for words and for being asked again. */
  const type = async (line: string, words: RegExp): Promise<Said> => {
    await asked(0, /> $/);
    const since = shown.length;
    child.stdin.write(`${line}\n`);
    return asked(since, words);
  };
  const asked = (since: number, words: RegExp): Promise<Said> =>
    until(
      () => {
        const text = shown.slice(since);
        if (!words.test(text) || !/(?:^|\n)(?:> |[^\n]+: )$/.test(text)) return undefined;
        return { text, urls: text.match(/https?:\S+/g) ?? [] };
      },
      () => `The terminal does not show ${words}: ${shown.slice(-800)}`,
    );
  const numberOf = (label: string): string => {
    const number = shown
      .match(/ {2}\[\d+\] [^\n]*/g)
      ?.findLast((line) => line.replace(/ {2}\[\d+\] /, '').startsWith(label));
    if (number === undefined) throw new Error(`No button ${label}: ${shown.slice(-800)}`);
    return /\d+/.exec(number)![0];
  };
  return {
    name: 'cleo',
    command: (name, fields, words) =>
      type(['/', name, ...Object.values(fields).map((each) => ` ${each}`)].join(''), words),
    press: (label, words) => type(numberOf(label), words),
    fill: async (label, answers, words) => {
      await type(numberOf(label), answers[0]!.asked);
      let said: Said | undefined;
      for (const [at, { value }] of answers.entries()) {
        const since = shown.length;
        child.stdin.write(`${value}\n`);
        said = await asked(since, answers[at + 1]?.asked ?? words);
      }
      return said!;
    },
    leave: async () => {
      child.stdin.write('/quit\n');
      const [code] = await ended;
      return code as number | null;
    },
  };
};
