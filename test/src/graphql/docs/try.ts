import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Example } from './examples.ts';

const run = promisify(execFile);

/** What pages name as the place of the API: that of `npm start`. */
const LOCAL = 'http://127.0.0.1:4000';

/** Sends an operation as it stands on a page. `extensions` say what it cost: that is left out. */
export async function ask(url: string, { block, variables }: Example): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: block.text, variables }),
  });
  return withoutCost((await response.json()) as Record<string, unknown>);
}

function withoutCost({ extensions: _cost, ...answer }: Record<string, unknown>): Record<string, unknown> {
  return answer;
}

/** Runs a command as it stands on a page, with the API's own place in it. @returns what it printed. */
export async function command(url: string, { block }: Example): Promise<string> {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', block.text.replaceAll(LOCAL, url)], {
    timeout: 20_000,
  });
  return stdout;
}

/** JSON that a command printed, as `ask` would return it; undefined for anything else. */
export function answerIn(printed: string): Record<string, unknown> | undefined {
  try {
    return withoutCost(JSON.parse(printed) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}
