import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const least = {
  DATABASE_URL: 'postgres://127.0.0.1/x',
  API_URL: 'http://127.0.0.1:4000/',
  BOTS_KEY: `0x${'1'.repeat(64)}`,
  BOTS_SECRET: 'ab'.repeat(32),
};

test('four variables are enough to read; which bots run, tokens say', () => {
  expect(readConfig({ ...least, TELEGRAM_TOKEN: '' })).toMatchObject({
    apiUrl: 'http://127.0.0.1:4000',
    pagesUrl: 'http://127.0.0.1:4000',
    discord: undefined,
    telegram: undefined,
  });
  const token = `123456:${'a'.repeat(35)}`;
  expect(readConfig({ ...least, TELEGRAM_TOKEN: token }).telegram).toMatchObject({ token });
  const BOTS_RATES = 'place=600/60, datanet=1/5';
  expect(readConfig({ ...least, BOTS_RATES }).rates).toEqual({
    place: { most: 600, seconds: 60 },
    datanet: { most: 1, seconds: 5 },
  });
});

test('each wrong variable is named with what would be right, and no secret is repeated', () => {
  const wrong = {
    ...least,
    BOTS_KEY: 'my secret',
    TELEGRAM_TOKEN: 'token secret',
    API_URL: undefined,
    BOTS_RATES: 'guild=1',
  };
  expect(() => readConfig(wrong)).toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: API_URL is missing: where the API answers, such as http://127.0.0.1:4000
    BOTS_KEY must be a private key: 0x and 64 hex digits
    TELEGRAM_TOKEN must be the token that @BotFather gave
    BOTS_RATES must be such as place=600/60,wallet=20/60: person, place, wallet, datanet, how often, and in how many seconds]
  `);
  expect(() => readConfig(wrong)).not.toThrow(/secret\b.*secret/);
});
