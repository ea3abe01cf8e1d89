import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

export type Page = { readonly type: string; readonly body: string; readonly headers: Readonly<Record<string, string>> };

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Nothing from elsewhere, nowhere else to send to, and no page of others around ours. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

const read = (name: string): Page => ({
  type: types[extname(name)]!,
  body: readFileSync(new URL(`public/${name}`, import.meta.url), 'utf8'),
  headers,
});

const assets = [
  ...['page.css', 'page.js', 'graphql.js', 'wallets.js', 'transactions.js', 'link.js', 'claim.js', 'pay.js'],
  ...['texts.js', 'texts/en.js', 'texts/de.js', 'texts/es.js'],
];

/** Pages for people with a wallet, and what they load, by path. They ask the API as any client does. */
export const readPages = (): ReadonlyMap<string, Page> =>
  new Map([
    ...['link', 'claim', 'pay'].map((name) => [`/${name}`, read(`${name}.html`)] as const),
    ...assets.map((name) => [`/assets/${name}`, read(name)] as const),
  ]);
