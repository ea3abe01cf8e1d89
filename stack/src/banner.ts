import type { Manifest } from '@openledger/protocol/deploy';
import type { StackUrls } from './stack.ts';

type BannerInput = {
  urls: StackUrls;
  manifest: Manifest;
  stateDir: string;
  /** The name of a model that anybody may ask; undefined where none is served. */
  model: string | undefined;
  /** Whether bots of chat platforms run. */
  bots: boolean;
  people: readonly (readonly [string, string, string])[];
};

/** Where everything is, for a person who has just started it. */
export function banner({ urls, manifest, stateDir, model, bots, people }: BannerInput): string {
  return [
    '',
    'OpenLedger is running.',
    '',
    ...columns([
      ['GraphiQL', `${urls.api}/graphql`],
      ['ready, metrics', `${urls.api}/ready   ${urls.api}/metrics`],
      ['relayer', `${urls.relayer}/ready   ${urls.relayer}/metrics`],
      ['models (OpenAI API)', `${urls.worker}/v1   ${urls.worker}/ready   ${urls.worker}/metrics`],
      ['epochs', `${urls.epochs}/ready   ${urls.epochs}/metrics`],
      ['chain (JSON-RPC)', `${urls.rpc}   chain id ${manifest.chainId}`],
      ['Postgres', withoutPassword(urls.database)],
      ['state and logs', stateDir],
    ]),
    '',
    ...(model === undefined ? [] : askingLines(urls.worker, model)),
    '',
    'Chat with it in a terminal: npm run chat',
    bots
      ? 'Its bots run: see docs/bots.md for what they do.'
      : 'For Telegram set TELEGRAM_TOKEN (from @BotFather), for Discord DISCORD_TOKEN and DISCORD_APPLICATION_ID: docs/bots.md.',
    '',
    ...columns([
      ...Object.entries(manifest.contracts),
      ...manifest.vesting.map((v) => [`Vesting: ${v.name}`, v.address] as const),
    ]),
    '',
    ...(people.length === 0 ? [] : [...columns(people), '']),
  ].join('\n');
}

/** Commands that work as they stand. */
function askingLines(worker: string, model: string): string[] {
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'What does a licence permit?' }],
    max_tokens: 60,
  });
  return [
    'Ask a model. What is free needs no key; any OpenAI client works, for example',
    `  curl -s ${worker}/v1/models`,
    `  curl -s ${worker}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`,
    `  new OpenAI({ baseURL: '${worker}/v1', apiKey: 'none' })`,
  ];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows.map(
    (row) =>
      `  ${row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('   ')
        .trimEnd()}`,
  );
}

/** The password stays in its file, out of terminals and logs. */
function withoutPassword(url: string): string {
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = '***';
  return parsed.href;
}
