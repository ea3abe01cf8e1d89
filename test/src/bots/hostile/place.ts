import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker, type TestWorker } from '@openledger/api/testing';
import { type Bots, startBots } from '@openledger/bots';
import type { Rates } from '@openledger/bots/core';
import { indexedTo } from '@openledger/indexer/testing';
import { rewardTree } from '@openledger/protocol';
import { developmentAccounts } from '@openledger/protocol/chain';
import { readManifest } from '@openledger/protocol/deploy';
import { id, parseEther, ZeroHash } from 'ethers';
import { type Hex, keccak256, toHex } from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { propose } from '../../drive/proposals.ts';
import { type Player, player, Session } from '../../drive/session.ts';
import { type DiscordEmulator, startDiscord } from '../../emulators/discord/discord.ts';
import { startTelegram, type TelegramEmulator } from '../../emulators/telegram/telegram.ts';
import { type Community, gather } from '../community.ts';
import { freePort } from '../freePort.ts';
import { linkOnPage } from '../wallet.ts';
import { onDiscord, onTelegram, type Seat } from './seat.ts';

/** What strangers put on chain: names and descriptions that would like to be more than words. */
export const hostileName = 'Bees\n# Official @everyone [claim](https://evil.example) /unlink <b>now</b> \u202Egpj';
export const hostileProposal = '# Vote @here **yes** https://evil.example/x\n/forget _all_ <@101> ||spoiler||';

export type Member = Seat & { readonly wallet: PrivateKeyAccount; readonly name: string };
/** On one platform: `ann` linked a wallet, agreed, and may review; `bob` linked one that lets no relayer act; nobody knows `eve`. */
export type Cast = { readonly ann: Member; readonly bob: Member; readonly eve: Member };

export type Place = {
  readonly community: Community;
  readonly discord: DiscordEmulator;
  readonly telegram: TelegramEmulator;
  readonly worker: TestWorker;
  /** Waits for what is said; blocks pass only where the chain has to go on, see {@link Community}. */
  readonly until: Community['until'];
  readonly casts: readonly Cast[];
  /** Which actions of which commands were asked for, by platform. */
  readonly pressed: Readonly<Record<Seat['platform'], Set<string>>>;
  /** The datanet that people review. */
  readonly reviewed: string;
  readonly model: string;
  /** Where platforms post what happens. */
  readonly url: () => string;
  readonly webhookSecret: string;
  /** Somebody new on one platform, under any name. */
  readonly newcomer: (platform: Seat['platform'], name?: string) => Member;
  /** Links a wallet as people do. */
  readonly link: (member: Member, more?: { readonly relayed?: boolean }) => Promise<void>;
  readonly agree: (member: Member, what: string) => Promise<void>;
  /** As after the seconds that have to pass between two contributions, reviews or questions. */
  readonly rested: () => Promise<void>;
  /** As if somebody had just contributed, reviewed or asked. */
  readonly hasJust: (member: Member, what: string) => Promise<void>;
  /** What the index says of answers and an epoch: so much is earned by somebody, and can be claimed. */
  readonly reward: (accounts: readonly string[]) => Promise<void>;
  /** Stops the bots, and starts them otherwise; without rates they stop nobody's haste. */
  readonly restart: (more?: { readonly rates?: Partial<Rates>; readonly apiUrl?: string }) => Promise<void>;
  readonly close: () => Promise<void>;
};

const webhookSecret = 'a-secret-of-the-webhook';

const patience = 60_000;

/** So much that quick machines are not stopped: what limits do is tried with others. */
const unlimited = { most: 100_000, seconds: 60 };
const plenty: Rates = { person: unlimited, place: unlimited, wallet: unlimited, datanet: unlimited };

const until: Community['until'] = async (look, what) => {
  for (const began = Date.now(); ; await sleep(20)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() - began > patience) throw new Error(what());
  }
};

export const openPlace = async (): Promise<Place> => {
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const end of undo.splice(0).reverse()) await end();
  };
  try {
    const [community, discord, telegram, port] = await Promise.all([
      gather(),
      startDiscord(),
      startTelegram(),
      freePort(),
    ]);
    undo.push(community.close, discord.close, telegram.close);
    const { stage } = community;
    const url = `http://127.0.0.1:${port}`;
    let bots: Bots | undefined;
    undo.push(() => bots?.stop());
    const restart: Place['restart'] = async ({ rates = plenty, apiUrl = stage.api.url } = {}) => {
      await bots?.stop();
      bots = undefined;
      bots = await startBots({
        ...{ databaseUrl: stage.databaseUrl, apiUrl, pagesUrl: stage.api.url, rates },
        ...{ key: stage.operator.privateKey, secret: 'ab'.repeat(32), logLevel: 'error', host: '127.0.0.1', port },
        telegram: {
          ...{ token: telegram.token, apiRoot: telegram.url },
          webhook: { url: `${url}/telegram`, secret: webhookSecret },
        },
        discord: {
          ...{ token: discord.token, applicationId: discord.applicationId, apiRoot: discord.apiRoot },
          publicKey: discord.publicKey,
        },
      });
      discord.postTo(`${url}/discord`);
    };

    const pressed = { discord: new Set<string>(), telegram: new Set<string>() };
    let people = 100;
    const newcomer: Place['newcomer'] = (platform, name = 'somebody') => {
      const userId = ++people;
      const options = { until, onPress: (what: string) => void pressed[platform].add(what) };
      const wallet = privateKeyToAccount(generatePrivateKey());
      const seat =
        platform === 'discord'
          ? onDiscord(discord, { id: `${userId}`, username: name }, options)
          : onTelegram(telegram, { id: userId, first_name: name, language_code: 'en' }, options);
      return { ...seat, wallet, name };
    };
    const link: Place['link'] = async (member, { relayed = true } = {}) => {
      const { urls } = await member.command('link', {}, /three words/);
      await linkOnPage(urls.find((each) => each.includes('/link'))!, member.wallet, { relayed });
      await member.press('I have signed', /Is it yours/);
      await member.press('Yes, link it', /Linked: I act for/);
      if (relayed)
        await community.until(isRelayed(member.wallet), () => `${member.wallet.address} has authorised no relayer`);
    };
    const isRelayed = (wallet: PrivateKeyAccount) => async () => {
      const lasts = await stage.read<bigint>('relayerUntil', [wallet.address, stage.relayer.address]);
      return lasts > 0n ? true : undefined;
    };
    const agree: Place['agree'] = async (member, what) => {
      await member.command('consent', {}, /What you agree to/);
      await member.press(`Read: ${what}`, /I can take this back at any time/);
      await member.press('I agree', /It is recorded/);
    };

    const platforms = ['discord', 'telegram'] as const;
    const casts = platforms.map((platform): Cast => {
      const [ann, bob, eve] = [newcomer(platform, 'ann'), newcomer(platform, 'bob'), newcomer(platform, 'eve')];
      return { ann, bob, eve };
    });
    const chain = await populate(community, casts);
    undo.push(chain.close);
    const worker = await startWorker(stage.sql as never, chain.worker, { genesisHash: stage.genesisHash, base });
    undo.push(worker.stop);
    await stage.sql`insert into app.worker_adapter (genesis_hash, worker, model_id, model_version, adapter_hash, state)
      values (${stage.genesisHash}, ${chain.worker}, ${chain.model}, 1, ${keccak256('0x01')}, 'loaded')`;
    // It says that it is there, as workers do.
    const alive = setInterval(
      () => void stage.sql`update app.worker set state = 'ready', last_seen_at = now()`.catch(() => {}),
      3_000,
    );
    undo.push(() => clearInterval(alive));

    await restart();
    await Promise.all(
      casts.map(async ({ ann, bob }) => {
        await link(ann);
        await agree(ann, 'Giving data');
        await link(bob, { relayed: false });
      }),
    );
    return {
      ...{ community, until, discord, telegram, worker, casts, pressed, reviewed: chain.reviewed, model: chain.model },
      ...{ url: () => url, webhookSecret, newcomer, link, agree, restart, close },
      hasJust: async ({ platform, id: userId }, what) => {
        const row = { platform, platform_user_id: userId, what, until: new Date(Date.now() + 3_600_000) };
        await stage.sql`insert into app.chat_cooldown ${stage.sql(row)} on conflict (platform, platform_user_id, what)
          do update set until = excluded.until`;
      },
      rested: async () => void (await stage.sql`delete from app.chat_cooldown`),
      reward: (accounts) => reward(community, chain.distributor, chain.model, accounts),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const base = keccak256(toHex('base: hostile-tiny-1'));
const active = 2;

/** A datanet that people review, one with a name that would be more than a name, a model that a worker serves, and a vote. */
const populate = async ({ stage, owner }: Community, casts: readonly Cast[]) => {
  const session = new Session(stage.rpcUrl, await readManifest(stage.contractsFile));
  // Votes end after now, as people's clocks have it.
  await session.travelTo(BigInt(Math.floor(Date.now() / 1_000)));
  const rich = player('rich', owner.privateKey!);
  const datanet = async (name: string, quorum: number): Promise<string> => {
    const rules = [0n, parseEther('0.6'), quorum, 3_600n];
    const sent = await session.send(rich, 'DatanetRegistry', 'createDatanet', [name, 'ipfs://x', id('x'), 0, ...rules]);
    return `${sent.event('DatanetCreated').datanetId}`;
  };
  const reviewed = await datanet('Tides', 1);
  await datanet(hostileName, 0);
  for (const { ann } of casts) {
    await session.send(rich, 'DatanetRegistry', 'setValidator', [reviewed, ann.wallet.address, true]);
  }
  const model = await publish(session, rich, 'Helper');
  await publish(session, rich, hostileName);
  await session.send(rich, 'ModelRegistry', 'registerWorker', ['https://worker.example/v1']);
  await session.send(rich, 'ModelRegistry', 'deployAdapter', [model, rich.address, 1]);
  const voter = await holderOf(session, votes);
  await session.send(voter, 'Open', 'approve', [session.address('GOPEN'), votes]);
  await session.send(voter, 'GOPEN', 'deposit', [votes]);
  await session.send(voter, 'GOPEN', 'delegate', [voter.address]);
  await session.travel(2n);
  await propose(session, voter, hostileProposal, [{ to: voter.address, data: '0x' }]);
  await indexedTo(stage.sql as never, BigInt(await session.provider.getBlockNumber()));
  return {
    ...{ reviewed, model: `${model}`, worker: rich.address as Hex, distributor: session.address('RewardDistributor') },
    close: () => session.provider.destroy(),
  };
};

const votes = parseEther('5000000');

/** Whoever holds so much OPEN at genesis. */
const holderOf = async (session: Session, least: bigint): Promise<Player> => {
  for (const { privateKey } of developmentAccounts(10)) {
    const holder = player('holder', privateKey);
    if ((await session.view('Open', 'balanceOf', [holder.address])) >= least) return holder;
  }
  throw new Error(`Nobody holds ${least} wei of OPEN.`);
};

const publish = async (session: Session, owner: Player, name: string): Promise<bigint> => {
  const sent = await session.send(owner, 'ModelRegistry', 'registerModel', [base, name, 'ipfs://model']);
  const { modelId } = sent.event('ModelRegistered');
  const version = [modelId, id(`adapter of ${modelId}`), 'ipfs://adapter', id('manifest'), 16, []];
  await session.send(owner, 'ModelRegistry', 'publishVersion', version);
  await session.send(owner, 'ModelRegistry', 'setStatus', [modelId, active]);
  return modelId;
};

/** Everybody's contribution 1 was in answers that are final, in an epoch whose root was accepted. */
const reward = async ({ stage }: Community, distributor: string, model: string, accounts: readonly string[]) => {
  const { sql, chainId } = stage;
  const amount = parseEther('1.5');
  const rewards = accounts.map((account) => ({ account: account.toLowerCase(), cumulativeAmount: amount }));
  const { root } = rewardTree(BigInt(chainId), distributor as Hex, rewards as never);
  const then = { created_block: 1, created_at: 1_767_225_700, created_tx: ZeroHash, updated_block: 1, updated_at: 1 };
  const batch = {
    id: 1,
    worker: distributor,
    algorithm_id: ZeroHash,
    root: ZeroHash,
    evidence_hash: ZeroHash,
    uri: '',
  };
  const ended = { requests: 1, challenge_deadline: 1, status: 'finalized', attributed: 1, unattributed: 0 };
  const epoch = { id: 1, start: 0, end: 20, total: 1, status: 'accepted', root };
  await sql.begin(async (transaction) => {
    // The index's own triggers are none of this.
    await transaction`set local session_replication_role = replica`;
    await transaction`insert into chain.attribution_batch ${sql({ ...batch, ...ended, closed_at: 10, ...then })}`;
    await transaction`insert into chain.epoch ${sql({ ...epoch, ...then })}`;
    for (const [at, { account }] of rewards.entries()) {
      const what = { batch_id: 1, request_id: keccak256(toHex(at)), contribution_id: at + 1, model_id: model };
      const part = { datanet_id: 1, contributor: account, amount: `${amount}`, share_ppm: 1_000_000, status: 'final' };
      await transaction`insert into chain.attribution ${sql({ ...what, ...part, ...then })}`;
      const standing = { account, attributed: `${amount}`, claimed: 0, claims: 0 };
      await transaction`insert into chain.reward_account ${sql({ ...standing, ...then })}`;
    }
  });
};
