/** `npm run chat`: every command, in a terminal, against a stack that runs. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createDatabase } from '@openledger/db';
import { Wallet } from 'ethers';
import { ConfigError, readConfig } from '../config.ts';
import { commands, createDesk, usualRates } from '../core/index.ts';
import type { Person } from '../core/person.ts';
import { createContexts, createLimits, createOperator, createRecords, createSecret } from '../state/index.ts';
import { chat } from './chat.ts';
import { readLines } from './lines.ts';
import { signLinkWith } from './signLink.ts';

const whereFrom = process.env.INIT_CWD ?? '.';

/** What the environment says, or else what the stack of this folder left. */
const settings = async (): Promise<Readonly<Record<string, string | undefined>>> => {
  if (process.env.DATABASE_URL) return process.env;
  const file = resolve(whereFrom, process.env.OPENLEDGER_STATE_DIR || '.openledger', 'chat.json');
  const left = await readFile(file, 'utf8').catch(() => undefined);
  if (left === undefined) {
    throw new ConfigError(
      `There is no ${file}: run npm start first, or set DATABASE_URL, API_URL, BOTS_KEY and BOTS_SECRET.`,
    );
  }
  return { ...JSON.parse(left), ...process.env };
};

const main = async (): Promise<void> => {
  const env = await settings();
  const config = readConfig(env);
  const connection = createDatabase({ url: config.databaseUrl, max: 3, name: 'openledger-chat' });
  const lines = readLines(process.stdin, process.stdout);
  try {
    const { db } = connection;
    const person: Person = {
      platform: 'terminal',
      id: '1',
      name: env.USER ?? 'you',
      // “C” and “POSIX” are no languages.
      locale: /^[a-z]{2,3}(?=[_.]|$)/.exec(env.LANG ?? '')?.[0],
    };
    const contextFor = createContexts({
      db,
      records: createRecords(db, createSecret(config.secret)),
      limits: createLimits(db, { ...usualRates, ...config.rates }),
      apiUrl: config.apiUrl,
      pagesUrl: config.pagesUrl,
      operator: createOperator(config.apiUrl, config.key),
    });
    const print = (words: string) => void process.stdout.write(words);
    await chat({
      desk: createDesk({
        commands,
        onTrouble: (error, command) => print(`/${command} failed: ${error instanceof Error ? error.message : error}\n`),
      }),
      terminal: {
        print,
        read: lines.read,
        readFile: async (path) => ({
          name: basename(path),
          mediaType: undefined,
          body: await readFile(resolve(whereFrom, path)),
        }),
        keep: async (name, body) => {
          const file = join(await mkdtemp(join(tmpdir(), 'openledger-chat-')), name);
          await writeFile(file, body);
          return file;
        },
      },
      contextFor: (signal) =>
        contextFor({ person, place: { kind: 'private', id: '1', mayManage: true }, aloneWith: '1', signal }),
      signLink: env.CHAT_WALLET_KEY ? signLinkWith(new Wallet(env.CHAT_WALLET_KEY)) : undefined,
    });
  } finally {
    lines.close();
    await connection.close();
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
