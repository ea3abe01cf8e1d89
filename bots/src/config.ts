import { z } from 'zod';
import { type Rate, type Rates, type Scope, scopes } from './core/limits.ts';

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const url = (what: string) =>
  z
    .string(`is missing: ${what}`)
    .refine((text) => URL.canParse(text) && /^https?:/.test(text), `must be ${what}`)
    .transform((text) => text.replace(/\/$/, ''));

const ratePattern = new RegExp(`^(${scopes.join('|')})=([1-9]\\d{0,5})/([1-9]\\d{0,5})$`);
/** `place=600/60,wallet=20/60`: so many times in so many seconds. */
const ratesOf = (text: string): Partial<Rates> | undefined => {
  const rates: Partial<Record<Scope, Rate>> = {};
  for (const part of text.split(',')) {
    const [, scope, most, seconds] = ratePattern.exec(part.trim()) ?? [];
    if (scope === undefined) return undefined;
    rates[scope as Scope] = { most: Number(most), seconds: Number(seconds) };
  }
  return rates;
};
const likeRates = `must be such as place=600/60,wallet=20/60: ${scopes.join(', ')}, how often, and in how many seconds`;

/** `0-3/8`: shards 0 to 3 of 8. */
const shardsOf = (text: string): Shards | undefined => {
  const [, first = '', last = first, count] = /^(\d{1,5})(?:-(\d{1,5}))?\/([1-9]\d{0,4})$/.exec(text) ?? [];
  if (Number(first) > Number(last) || Number(last) >= Number(count)) return undefined;
  const ids = Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => Number(first) + at);
  return count === undefined ? undefined : { ids, count: Number(count) };
};

const schema = z.object({
  DATABASE_URL: z.string('is missing: a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger'),
  API_URL: url('where the API answers, such as http://127.0.0.1:4000'),
  PAGES_URL: url('where people reach the API’s pages, such as https://api.example').optional(),
  BOTS_KEY: z
    .string('is missing: the private key of an account that the API’s operator named in CHAT_OPERATORS')
    .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a private key: 0x and 64 hex digits'),
  BOTS_SECRET: z
    .string('is missing: 32 bytes or more in hex, such as `openssl rand -hex 32` prints')
    .regex(/^([0-9a-fA-F]{2}){32,}$/, 'must be 32 bytes or more in hex, such as `openssl rand -hex 32` prints'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
  DISCORD_TOKEN: z.string().optional(),
  DISCORD_APPLICATION_ID: z.string().regex(/^\d+$/, 'must be the application’s id: digits').optional(),
  DISCORD_API_ROOT: url('where Discord’s API is, such as https://discord.com/api').optional(),
  DISCORD_CLIENT_SECRET: z.string().optional(),
  DISCORD_SHARDS: z
    .string()
    .refine((text) => shardsOf(text) !== undefined, 'must be such as 0-3/8: this process’s shards, of how many in all')
    .transform((text) => shardsOf(text)!)
    .optional(),
  BOTS_URL: url('where people reach this process, such as https://bots.example').optional(),
  DISCORD_PUBLIC_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the application’s public key: 64 hex digits')
    .optional(),
  TELEGRAM_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{30,}$/, 'must be the token that @BotFather gave')
    .optional(),
  TELEGRAM_API_ROOT: url('where the Bot API is, such as https://api.telegram.org').optional(),
  BOTS_RATES: z
    .string()
    .refine((text) => ratesOf(text) !== undefined, likeRates)
    .transform((text) => ratesOf(text)!)
    .optional(),
  BOTS_HOST: z.string().default('127.0.0.1'),
  BOTS_PORT: z.coerce.number('must be a port number such as 4040').int().min(0).max(65_535).default(4_040),
  TELEGRAM_WEBHOOK_URL: url('where Telegram reaches this process, such as https://bots.example/telegram').optional(),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\w-]{16,256}$/, 'must be 16 to 256 letters, digits, _ and -')
    .optional(),
});

/** Which of a bot's connections to Discord a process has: each hears of a part of the servers. */
export type Shards = { readonly ids: readonly number[]; readonly count: number };

export type BotsConfig = {
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly pagesUrl: string;
  /** Private key of the bot's operator; never logged. */
  readonly key: string;
  readonly secret: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly discord:
    | {
        readonly token: string;
        readonly applicationId: string;
        /** Interactions are posted, signed for this key; without it they come over the gateway. */
        readonly publicKey: string | undefined;
        readonly apiRoot: string | undefined;
        /** As many as Discord recommends, and all of them here, without it. */
        readonly shards?: Shards | undefined;
        /** Roles that servers give by what people did here: the application's secret, and where people reach this process. */
        readonly roles?: { readonly clientSecret: string; readonly url: string } | undefined;
      }
    | undefined;
  /** Where they are other than usual. */
  readonly rates?: Partial<Rates> | undefined;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly telegram:
    | {
        readonly token: string;
        readonly apiRoot: string | undefined;
        readonly webhook: { readonly url: string; readonly secret: string } | undefined;
      }
    | undefined;
};

type Webhook = {
  readonly TELEGRAM_WEBHOOK_URL?: string | undefined;
  readonly TELEGRAM_WEBHOOK_SECRET?: string | undefined;
};

/** A webhook without a secret would take anybody's word for Telegram's. */
const webhookOf = ({ TELEGRAM_WEBHOOK_URL: webhook, TELEGRAM_WEBHOOK_SECRET: secret }: Webhook) => {
  if (webhook === undefined && secret === undefined) return undefined;
  if (webhook === undefined || secret === undefined) {
    throw new ConfigError(
      'TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET go together: set both, or neither to fetch updates.',
    );
  }
  return { url: webhook, secret };
};

type Discord = {
  readonly DISCORD_TOKEN?: string | undefined;
  readonly DISCORD_APPLICATION_ID?: string | undefined;
  readonly DISCORD_PUBLIC_KEY?: string | undefined;
  readonly DISCORD_API_ROOT?: string | undefined;
  readonly DISCORD_SHARDS?: Shards | undefined;
  readonly DISCORD_CLIENT_SECRET?: string | undefined;
  readonly BOTS_URL?: string | undefined;
};

const discordOf = (data: Discord): BotsConfig['discord'] => {
  const { DISCORD_TOKEN: token, DISCORD_APPLICATION_ID: applicationId } = data;
  if (token === undefined) return undefined;
  if (applicationId === undefined) {
    throw new ConfigError('DISCORD_APPLICATION_ID is missing: the id on the application’s page, beside DISCORD_TOKEN');
  }
  const { DISCORD_PUBLIC_KEY: publicKey, DISCORD_API_ROOT: apiRoot, DISCORD_SHARDS: shards } = data;
  return { token, applicationId, publicKey, apiRoot, shards, roles: rolesOf(data) };
};

const rolesOf = ({ DISCORD_CLIENT_SECRET: clientSecret, BOTS_URL: botsUrl }: Discord) => {
  if (clientSecret === undefined) return undefined;
  if (botsUrl === undefined) {
    throw new ConfigError(
      'BOTS_URL is missing: with DISCORD_CLIENT_SECRET people link roles, and Discord sends them back to this process.',
    );
  }
  return { clientSecret, url: botsUrl };
};

/** Reads the bots' settings. An empty variable counts as unset. @throws ConfigError naming each wrong variable. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): BotsConfig => {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'));
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    apiUrl: data.API_URL,
    pagesUrl: data.PAGES_URL ?? data.API_URL,
    key: data.BOTS_KEY,
    secret: data.BOTS_SECRET,
    logLevel: data.LOG_LEVEL,
    rates: data.BOTS_RATES,
    host: data.BOTS_HOST,
    port: data.BOTS_PORT,
    discord: discordOf(data),
    telegram:
      data.TELEGRAM_TOKEN === undefined
        ? undefined
        : {
            token: data.TELEGRAM_TOKEN,
            apiRoot: data.TELEGRAM_API_ROOT,
            webhook: webhookOf(data),
          },
  };
};
