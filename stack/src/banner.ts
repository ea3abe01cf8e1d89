import type { Manifest } from '@openledger/protocol/deploy';
import type { StackUrls } from './stack.ts';

type BannerInput = {
  urls: StackUrls;
  manifest: Manifest;
  stateDir: string;
  people: readonly (readonly [string, string, string])[];
};

/** Where everything is, for a person who has just started it. */
export function banner({ urls, manifest, stateDir, people }: BannerInput): string {
  return [
    '',
    'OpenLedger is running.',
    '',
    ...columns([
      ['GraphiQL', `${urls.api}/graphql`],
      ['ready, metrics', `${urls.api}/ready   ${urls.api}/metrics`],
      ['relayer', `${urls.relayer}/ready   ${urls.relayer}/metrics`],
      ['chain (JSON-RPC)', `${urls.rpc}   chain id ${manifest.chainId}`],
      ['Postgres', withoutPassword(urls.database)],
      ['state and logs', stateDir],
    ]),
    '',
    ...columns([
      ...Object.entries(manifest.contracts),
      ...manifest.vesting.map((v) => [`Vesting: ${v.name}`, v.address] as const),
    ]),
    '',
    ...(people.length === 0 ? [] : [...columns(people), '']),
  ].join('\n');
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
