import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type Sql } from '@openledger/db';
import { indexedTo } from '@openledger/indexer/testing';
import { createLog, type Stack, startStack } from '@openledger/stack';
import { personaKey } from '@openledger/stack/scenario';
import { type Contents, createStore } from '@openledger/stack/texts';
import type { Recipe } from '@openledger/stack/workshop';
import { MaxUint256, parseEther, toQuantity } from 'ethers';
import { type Player, player, Session } from '../../drive/session.ts';
import { type DiscordEmulator, startDiscord } from '../../emulators/discord/discord.ts';
import { startTelegram, type TelegramEmulator } from '../../emulators/telegram/telegram.ts';
import {
  contributeTexts,
  documentation,
  type Held,
  openDatanet,
  type Published,
  publishData,
  rowsOf,
} from '../../smoke/loop/data.ts';
import { keepEpoch } from '../../smoke/loop/epoch.ts';
import { allowAttribution, short } from '../../smoke/loop/governance.ts';
import { buildModel, shortRecipe } from '../../smoke/loop/model.ts';
import type { Await } from './member.ts';
import { openPages, type Pages } from './pages.ts';

const people = {
  owner: player('ada', personaKey('ada')),
  contributors: (['fay', 'hana', 'jun'] as const).map((name) => player(name, personaKey(name))),
  builder: player('nora', personaKey('nora')),
  /** Holds what is liquid of OPEN at genesis. */
  rich: player('lior', personaKey('lior')),
};

const documents = 3;
const name = 'Trades & tides';
/** Far more than it takes, also where others keep the machine busy. */
const patienceMs = 150_000;
const day = 86_400n;

/** Enough of it that the model says again what it has learned; everything else as short as it can be. */
const recipe: Recipe = { ...shortRecipe, schedule: { ...shortRecipe.schedule, peak: 12e-3, warmup: 4, steps: 50 } };

/** The whole product on a machine: a stack with bots on both platforms, a worker, and a datanet that people review. */
export type Whole = {
  readonly stack: Stack;
  readonly stateDir: string;
  readonly sql: Sql;
  readonly session: Session;
  readonly telegram: TelegramEmulator;
  readonly discord: DiscordEmulator;
  readonly datanetId: bigint;
  readonly until: Await;
  readonly pages: Pages;
  /** Waits until the index has it that the relayer may act for an account: before, nothing is given in its name. */
  readonly relayed: (address: string) => Promise<void>;
  /** Lets time pass on the chain, and waits until all of it is indexed. */
  readonly pass: (seconds: bigint) => Promise<void>;
  /** Gives an account ether for gas, and OPEN in the escrow that answers are paid from. */
  readonly fund: (address: string) => Promise<void>;
  /** The datanet's owner lets somebody review. */
  readonly appoint: (address: string) => Promise<void>;
  /** Publishes a version with all that was accepted, and a model that was trained on it and costs OPEN. @returns its number */
  readonly train: () => Promise<bigint>;
  /** An epoch ends, and what it pays becomes claimable. */
  readonly endEpoch: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Seconds of either half of a review. */
const reviewWindow = 600n;

export const raise = async (tell: (words: string) => void): Promise<Whole> => {
  const began = Date.now();
  const say = (words: string) => tell(`${((Date.now() - began) / 1_000).toFixed(1)} s  ${words}`);
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const end of undo.splice(0).reverse()) await end();
  };
  try {
    const stateDir = await mkdtemp(join(tmpdir(), 'openledger-whole-'));
    undo.push(() => rm(stateDir, { recursive: true, force: true }));
    // The database may run as a user of its own, who must be able to reach its folder.
    await chmod(stateDir, 0o755);
    const [telegram, discord] = await Promise.all([startTelegram(), startDiscord()]);
    undo.push(telegram.close, discord.close);
    const stack = await startStack({
      stateDir,
      databaseUrl: undefined,
      ports: { api: 0, chain: 0, indexer: 0, relayer: 0, worker: 0, epochs: 0, bots: 0, database: 0 },
      bots: {
        TELEGRAM_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.url,
        DISCORD_TOKEN: discord.token,
        DISCORD_APPLICATION_ID: discord.applicationId,
        DISCORD_API_ROOT: discord.apiRoot,
      },
      scenario: false,
      logLevel: 'warn',
      blockTime: 1,
      keepsEpochs: false,
      paySeconds: 2,
      log: createLog({ folder: join(stateDir, 'logs'), level: 'warn', print: say, color: false }),
    });
    undo.push(stack.stop);
    say('the stack stands');
    const session = new Session(stack.urls.rpc, stack.manifest);
    await session.open();
    undo.push(() => session.close());
    const { db, sql, close: closeDatabase } = createDatabase({ url: stack.urls.database, max: 4 });
    undo.push(closeDatabase);
    const contents = createStore(db);

    const indexed = async () =>
      void (await indexedTo(sql, BigInt(await session.provider.getBlockNumber()), patienceMs));
    const until: Await = async (look, instead) => {
      for (const began = Date.now(); ; await sleep(100)) {
        const found = await look();
        if (found !== undefined) return found;
        if (Date.now() - began > patienceMs) throw new Error(instead());
        // What is final is so many blocks old.
        await session.provider.send('anvil_mine', ['0x1']);
      }
    };

    const pages = await openPages(stack.urls.rpc, BigInt(stack.manifest.chainId));
    undo.push(pages.close);
    await govern(session, contents);
    say('governance allows the attribution of answers');
    const datanetId = await openDatanet(session, contents, { owner: people.owner, name });
    const texts = documentation(documents);
    const held = await contributeTexts(session, contents, { ...people, datanetId, texts });
    // From now on those decide whom the owner appoints.
    await session.send(people.owner, 'DatanetRegistry', 'setRules', [
      datanetId,
      0n,
      parseEther('0.6'),
      1,
      reviewWindow,
    ]);
    await indexed();
    say('a datanet stands');
    return {
      ...{ stack, stateDir, sql, session, telegram, discord, datanetId, until, pages, close },
      relayed: async (address) => {
        const account = address.toLowerCase();
        await until(
          async () => (await sql`select 1 from chain.relayer_authorization where account = ${account}`)[0],
          () => `${address} has authorised no relayer.`,
        );
      },
      pass: async (seconds) => {
        await session.travel(seconds);
        await indexed();
      },
      fund: async (address) => {
        await session.provider.send('anvil_setBalance', [address, toQuantity(parseEther('1'))]);
        await session.send(people.rich, 'InferenceEscrow', 'depositFor', [address, parseEther('20')]);
      },
      appoint: async (address) => {
        await session.send(people.owner, 'DatanetRegistry', 'setValidator', [datanetId, address, true]);
      },
      train: async () => {
        await indexed();
        const given = await acceptedLater(sql, datanetId, held);
        const rows = rowsOf(texts) + given.reduce((sum, each) => sum + each.rows, 0);
        const data = await publishData(session, contents, {
          ...{ owner: people.owner, name, datanetId, rows, heldOutEvery: recipe.heldOutEvery },
          held: [...held, ...given],
        });
        const [worker] = await sql<{ address: string }[]>`
          select address from app.worker where endpoint = ${stack.urls.worker}`;
        const modelId = await buildModel(session, {
          ...{
            contents,
            data: holdingBack(data, held[0]!),
            worker: worker!.address,
            folder: join(stateDir, 'model'),
            recipe,
          },
          ...{ builder: people.builder, signal: AbortSignal.timeout(300_000) },
        });
        say('a model is trained, weighed and published');
        await indexed();
        await until(
          async () => ((await isServed(stack.urls.worker)) ? true : undefined),
          () => `Model ${modelId} is not served.`,
        );
        say('the worker serves it');
        return modelId;
      },
      endEpoch: async () => {
        await indexed();
        await keepEpoch(stack, session, {
          stateDir,
          until: async (what, isSo) =>
            void (await until(
              async () => (await isSo()) || undefined,
              () => `${what()} did not come about.`,
            )),
        });
        await indexed();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Whoever holds OPEN votes for the attribution of answers, and for short waits; the chain's clock is an hour behind then. */
const govern = async (session: Session, contents: Contents): Promise<void> => {
  const { rich } = people;
  await session.send(rich, 'Open', 'approve', [session.address('GOPEN'), MaxUint256]);
  await session.send(rich, 'Open', 'approve', [session.address('InferenceEscrow'), MaxUint256]);
  await session.send(rich, 'GOPEN', 'deposit', [parseEther('20000000')]);
  await session.send(rich, 'GOPEN', 'delegate', [rich.address]);
  await allowAttribution(session, contents, rich);
  await session.travelTo(BigInt(Math.floor(Date.now() / 1_000)) - day / 24n);
};

/** Whether a worker answers with anything but its base. */
const isServed = async (worker: string): Promise<boolean> => {
  const response = await fetch(`${worker}/v1/models`);
  const { data } = (await response.json()) as { data: readonly { parent: string | null }[] };
  return data.some(({ parent }) => parent !== null);
};

/** The model is scored by one contribution that it never sees: none of the members'. */
const holdingBack = ({ source, ...data }: Published, { contributionId, contentHash }: Held): Published => {
  const every = [...source.train, ...source.heldOut].toSorted((a, b) => Number(a.contributionId - b.contributionId));
  const hashes = [...source.trainedOn, ...source.heldBack];
  return {
    ...data,
    source: {
      ...source,
      train: every.filter((one) => one.contributionId !== contributionId),
      heldOut: every.filter((one) => one.contributionId === contributionId),
      trainedOn: hashes.filter((hash) => hash !== contentHash),
      heldBack: [contentHash],
    },
  };
};

type Accepted = Held & { readonly rows: number };

/** What was accepted after the owner gave the decision away. */
const acceptedLater = async (sql: Sql, datanetId: bigint, before: readonly Held[]): Promise<readonly Accepted[]> => {
  const rows = await sql<{ id: bigint; hash: Held['contentHash']; rows: bigint }[]>`
    select id, content_hash as hash, rows from chain.contribution
    where datanet_id = ${`${datanetId}`}::numeric and status = 'accepted' order by id`;
  const known = new Set(before.map(({ contributionId }) => contributionId));
  return rows
    .filter(({ id }) => !known.has(BigInt(id)))
    .map(({ id, hash, rows: count }) => ({ contributionId: BigInt(id), contentHash: hash, rows: Number(count) }));
};

export { type Player, short };
