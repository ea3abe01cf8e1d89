import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase } from '@openledger/db/testing';
import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import postgres from 'postgres';
import { foundWorld, type World } from './world.ts';

/** What all schedules stand on, one after another: the worlds, a chain of strangers, and a database server. */
export type Ground = {
  readonly world: World;
  /** The same protocol on a chain of the same id that began at another time. */
  readonly namesake: World;
  /** A chain of another id, without the protocol. */
  readonly foreign: LocalChain;
  /** A folder for files of the schedules. */
  readonly folder: string;
  /** Makes an empty database in place of one that may be there, and be in use. @returns its URL. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
};

/** 2026-02-01, Unix seconds. */
const namesakeGenesis = 1_769_904_000n;

export async function layGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-faults-'));
  const started: { stop(): Promise<void> }[] = [];
  const keep = async <thing extends { stop(): Promise<void> }>(starting: Promise<thing>): Promise<thing> => {
    const thing = await starting;
    started.push(thing);
    return thing;
  };
  const stop = async () => {
    for (const thing of started) await thing.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [server, world, namesake, foreign] = await Promise.all([
      keep(startTestDatabase()),
      keep(foundWorld({ lived: true })),
      keep(foundWorld({ lived: false, genesisTimestamp: namesakeGenesis })),
      keep(startLocalChain({ chainId: 4_242 })),
    ]);
    await foreign.mine(600);
    return { world, namesake, foreign, folder, ...databases(server.url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function databases(serverUrl: string): Pick<Ground, 'createDatabase' | 'dropDatabase'> {
  const administer = async (...statements: readonly string[]) => {
    const sql = postgres(serverUrl, { max: 1, onnotice: () => {} });
    try {
      for (const statement of statements) await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  const drop = (name: string) => `drop database if exists ${name} with (force)`;
  return {
    createDatabase: async (name) => {
      await administer(drop(name), `create database ${name}`);
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    dropDatabase: (name) => administer(drop(name)),
  };
}
