import type { ContractName } from '@openledger/protocol/abi';
import type { GasSamples } from '../drive/index.ts';
import { apart, type Calls, userFacing } from './calls.ts';

/** Gas of one call under one condition, over the samples of one run. */
export type GasRow = {
  readonly contract: string;
  readonly signature: string;
  readonly when: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** Median for each answer, call, stake, … carried; absent for calls that carry one thing. */
  readonly each?: number;
  readonly samples: number;
};

const head = `# Gas

What each call costs, from the receipts of one run through the whole protocol on a fresh chain (optimizer 200 runs, EVM
cancun). Gas includes the transaction's 21,000 and its calldata. Where a call carries several things, "each" is the
median divided by their number. Written by \`npm run gas\`; a test fails when a call moves by more than 2 %.
`;

const apartHead = `## Not sent by users

Governance sends its calls through proposals, so their gas is part of \`OpenGovernor.execute\`; the protocol's own
contracts send theirs inside the calls above.

| contract | call | sent by | gas |
|---|---|---|---:|
`;

/** The rows of a run, sorted by contract and call as the tables list them. */
export function gasRows(gas: Iterable<GasSamples>): readonly GasRow[] {
  return [...gas].map(({ contract, signature, when, items, samples }) => {
    const sorted = samples.map(Number).sort((a, b) => a - b);
    const median = middle(sorted);
    return {
      contract,
      signature,
      when,
      min: sorted[0]!,
      median,
      max: sorted.at(-1)!,
      ...(items === undefined || items === 1 ? {} : { each: Math.round(median / items) }),
      samples: sorted.length,
    };
  });
}

/** The committed document: a table for each contract, then the calls users do not send. */
export function renderGas(rows: readonly GasRow[]): string {
  const tables = Object.entries(userFacing).map(([contract, calls]) => {
    const lines = Object.entries(calls).flatMap(([signature, what]) =>
      rows.filter((row) => row.contract === contract && row.signature === signature).map((row) => line(row, what)),
    );
    return `## ${contract}\n\n| call | when | min | median | max | each | samples | what it does |\n|---|---|---:|---:|---:|---:|---:|---|\n${lines.join('')}`;
  });
  const others = Object.entries(apart).flatMap(([contract, calls]) =>
    Object.entries(calls).map(([signature, by]) => {
      const row = rows.find((one) => one.contract === contract && one.signature === signature);
      return `| ${contract} | \`${signature}\` | ${by} | ${row ? count(row.median) : ''} |\n`;
    }),
  );
  return `${head}\n${tables.join('\n')}\n${apartHead}${others.join('')}`;
}

/**
 * Reads the users' rows back from the committed document.
 * @throws Error naming the line that is not a row of the table.
 */
export function parseGas(document: string): readonly GasRow[] {
  const rows: GasRow[] = [];
  let contract = '';
  for (const [index, text] of document.split('\n').entries()) {
    if (text.startsWith('## ')) contract = text.slice(3);
    if (contract === 'Not sent by users') break;
    if (!text.startsWith('| `')) continue;
    const cells = text.split('|').map((cell) => cell.trim());
    const [, call, when, min, median, max, each, samples] = cells;
    const numbers = [min, median, max, samples].map((cell) => Number(cell?.replaceAll(',', '')));
    if (cells.length !== 10 || numbers.some((number) => !Number.isInteger(number))) {
      throw new Error(`GAS.md, line ${index + 1}: not a row of the table: ${text}`);
    }
    rows.push({
      contract,
      signature: call!.slice(1, -1),
      when: when!,
      min: numbers[0]!,
      median: numbers[1]!,
      max: numbers[2]!,
      ...(each ? { each: Number(each.replaceAll(',', '')) } : {}),
      samples: numbers[3]!,
    });
  }
  return rows;
}

/** What a reviewer must look at: rows that came, went, or moved by more than `tolerance` (0.02 is 2 %). */
export function gasChanges(
  committed: readonly GasRow[],
  measured: readonly GasRow[],
  tolerance: number,
): readonly string[] {
  const before = new Map(committed.map((row) => [rowName(row), row]));
  const after = new Map(measured.map((row) => [rowName(row), row]));
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => `${name}: no longer measured`);
  const moved = [...after].flatMap(([name, now]) => {
    const then = before.get(name);
    if (then === undefined) return [`${name}: not in GAS.md`];
    return (['min', 'median', 'max'] as const).flatMap((field) => {
      const change = (now[field] - then[field]) / then[field];
      if (Math.abs(change) <= tolerance) return [];
      const percent = `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`;
      return [`${name}: ${field} ${count(then[field])} → ${count(now[field])} (${percent})`];
    });
  });
  return [...gone, ...moved];
}

export function listed(calls: Calls, contract: string, signature: string): boolean {
  return calls[contract as ContractName]?.[signature] !== undefined;
}

function line({ signature, when, min, median, max, each, samples }: GasRow, what: string): string {
  const numbers = [min, median, max].map(count).join(' | ');
  return `| \`${signature}\` | ${when} | ${numbers} | ${each === undefined ? '' : count(each)} | ${samples} | ${what} |\n`;
}

function rowName({ contract, signature, when }: GasRow): string {
  return `${contract}.${signature}${when === '' ? '' : ` (${when})`}`;
}

/** The middle value; the mean of the two middle ones, rounded down, for an even count. */
function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : Math.floor((sorted[half - 1]! + sorted[half]!) / 2);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
