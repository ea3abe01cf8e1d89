import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDatabase } from '@openledger/db';
import { pino } from 'pino';
import { remindOfVotes } from './alerts/remind.ts';
import { watchForAlerts } from './alerts/watch.ts';
import type { BotsConfig } from './config.ts';
import { commands, createApi, createDesk, usualRates } from './core/index.ts';
import { createDialogs } from './dialogs/dialogs.ts';
import { createDiscordBot, createInteractionsDoor, createRest, startGateway } from './discord/index.ts';
import { type RolesService, startRoles } from './discord/roles/index.ts';
import { sendByDiscord } from './discord/sendByDiscord.ts';
import { type Outbox, type OutboxOptions, startOutbox } from './outbox/outbox.ts';
import {
  createContexts,
  createLimits,
  createOperator,
  createRecords,
  createRoles,
  createSecret,
} from './state/index.ts';
import { moveSubscriptions, unsubscribe } from './state/subscriptions.ts';
import { createClient, createTelegramBot, startTelegramService, type TelegramService } from './telegram/index.ts';
import { sendByTelegram } from './telegram/sendByTelegram.ts';
import { createUpdates } from './updates/updates.ts';

/** Bots that run. */
export type Bots = {
  /** Where platforms post what happens, and where it can be asked how the bots are. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

const dayMs = 86_400_000;

/**
 * Starts the bots of all platforms that there are tokens for.
 *
 * @throws when a platform does not know the token
 */
export const startBots = async (config: BotsConfig): Promise<Bots> => {
  const log = pino({ name: 'bots', level: config.logLevel });
  const connection = createDatabase({ url: config.databaseUrl, max: 10, name: 'openledger-bots' });
  const undo: (() => unknown)[] = [connection.close];
  try {
    const { db } = connection;
    const secret = createSecret(config.secret);
    const desk = createDesk({
      commands,
      onTrouble: (err, command) => log.error({ err, command }, 'a command failed'),
    });
    const contextFor = createContexts({
      db,
      records: createRecords(db, secret),
      limits: createLimits(db, { ...usualRates, ...config.rates }),
      apiUrl: config.apiUrl,
      pagesUrl: config.pagesUrl,
      operator: createOperator(config.apiUrl, config.key),
    });

    const outboxes: Outbox[] = [];
    const sendFrom = (channel: 'telegram' | 'discord', send: OutboxOptions['send']): void => {
      const outbox = startOutbox({
        db,
        channel,
        send,
        onUnwanted: (recipient) => unsubscribe(db, channel, recipient),
        onTrouble: (err) => log.warn({ why: String(err), channel }, 'a message could not be sent'),
      });
      outboxes.push(outbox);
      undo.push(outbox.stop);
    };

    let telegram: TelegramService | undefined;
    if (config.telegram !== undefined) {
      const client = createClient({ token: config.telegram.token, apiRoot: config.telegram.apiRoot });
      const { username } = await client.me();
      const updates = createUpdates(db, secret, 'telegram');
      const bot = createTelegramBot({
        client,
        botName: username,
        desk,
        dialogs: createDialogs(db, secret, 'telegram'),
        contextFor,
        onBlocked: (recipient) => unsubscribe(db, 'telegram', recipient),
        onMoved: (from, to) => moveSubscriptions(db, 'telegram', from, to),
        log,
      });
      await bot.register();
      const { webhook } = config.telegram;
      telegram = startTelegramService({
        client,
        updates,
        greet: bot.greet,
        shed: bot.shed,
        act: bot.act,
        log,
        webhookSecret: webhook?.secret,
      });
      await client.setWebhook(webhook);
      undo.push(telegram.stop);
      sendFrom('telegram', sendByTelegram(client));
      const pruning = setInterval(() => void updates.prune().catch(() => {}), dayMs);
      undo.push(() => clearInterval(pruning));
      const how = webhook === undefined ? 'asking for updates' : 'waiting for updates at /telegram';
      log.info({ bot: `https://t.me/${username}`, how }, 'Telegram');
    }

    let discord: Door | undefined;
    let roles: RolesService | undefined;
    if (config.discord !== undefined) {
      const { token, applicationId, publicKey, apiRoot, shards } = config.discord;
      const updates = createUpdates(db, secret, 'discord');
      const rest = createRest({ token, apiRoot });
      const bot = createDiscordBot({
        rest,
        applicationId,
        desk,
        dialogs: createDialogs(db, secret, 'discord'),
        updates,
        contextFor,
        filesFrom: apiRoot,
        log,
      });
      sendFrom('discord', sendByDiscord(rest));
      await bot.recover();
      await bot.register();
      // Discord posts interactions, or tells of them over the gateway: never both.
      if (publicKey === undefined) undo.push(await startGateway({ token, apiRoot, shards, take: bot.take, log }));
      else discord = createInteractionsDoor(publicKey, bot.take);
      if (config.discord.roles !== undefined) {
        roles = await startRoles({
          ...config.discord.roles,
          applicationId,
          apiRoot,
          rest,
          roles: createRoles(db, secret),
          api: createApi(config.apiUrl),
          onTrouble: (err) => log.warn({ why: String(err) }, 'Discord cannot be told for roles what somebody did'),
        });
        undo.push(roles.stop);
      }
      const pruning = setInterval(() => void updates.prune().catch(() => {}), dayMs);
      undo.push(() => clearInterval(pruning));
      const how = publicKey === undefined ? 'over the gateway' : 'waiting for interactions at /discord';
      log.info({ invite: `https://discord.com/oauth2/authorize?client_id=${applicationId}`, how }, 'Discord');
    }

    const alerts = {
      db,
      api: createApi(config.apiUrl),
      onTrouble: (err: unknown) => log.warn({ why: String(err) }, 'what happens on chain cannot be followed now'),
      onAlert: () => {
        for (const outbox of outboxes) outbox.wake();
      },
    };
    undo.push(watchForAlerts(alerts).stop, remindOfVotes(alerts).stop);

    const server = createServer((request, response) => {
      const posted = { '/telegram': telegram?.webhook, '/discord': discord };
      handle(request, response, { POST: posted, GET: roles?.doors ?? {} }).catch((err: unknown) => {
        log.error({ err }, 'a request failed');
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(config.port, config.host, resolve);
    });
    undo.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://${config.host}:${port}`,
      stop: async () => {
        for (const end of undo.splice(0).reverse()) await end();
      },
    };
  } catch (error) {
    for (const end of undo.splice(0).reverse()) await end();
    throw error;
  }
};

type Door = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const handle = async (
  request: IncomingMessage,
  response: ServerResponse,
  doors: Readonly<Record<'GET' | 'POST', Readonly<Record<string, Door | undefined>>>>,
): Promise<void> => {
  const { pathname } = new URL(request.url ?? '/', 'http://bots');
  const own = request.method === 'GET' || request.method === 'POST' ? doors[request.method] : {};
  const door = Object.hasOwn(own, pathname) ? own[pathname] : undefined;
  if (door !== undefined) return door(request, response);
  const isThere = request.method === 'GET' && (pathname === '/health' || pathname === '/ready');
  response
    .writeHead(isThere ? 200 : 404, { 'content-type': 'application/json' })
    .end(JSON.stringify(isThere ? { status: 'ok' } : { error: `There is nothing at ${pathname}.` }));
};
