/**
 * `npm run verify -- index`: every row of a live index against what the chain's own logs come to.
 * `npm run verify -- index --seeds 50`: the same for an index that is put through that many schedules of faults, on chains
 * and a database of its own.
 */
import { FaultOptionsError, readFaultOptions, runFaults } from './faults/index.ts';
import { ConfigError, describe, readConfig, VerifyError, verifyIndex } from './oracle/index.ts';

const [what, ...flags] = process.argv.slice(2);
if (what !== 'index') {
  process.stderr.write(`verify: ${what === undefined ? 'say what' : `${what} is unknown`}; npm run verify -- index\n`);
  process.exit(1);
}

const started = performance.now();
const seconds = () => (performance.now() - started) / 1_000;
const say = (message: string) => process.stderr.write(`${seconds().toFixed(1).padStart(6)} s  ${message}\n`);
const finish = (figures: Readonly<Record<string, unknown>>, isRight: boolean) => {
  process.stdout.write(`${JSON.stringify({ name: 'index', ...figures, seconds: Number(seconds().toFixed(1)) })}\n`);
  process.exitCode = isRight ? 0 : 1;
};

async function verifyLive(): Promise<void> {
  const config = await readConfig(process.env);
  const { block, published, tables, rows, differences } = await verifyIndex({ ...config, onProgress: say });
  for (const { table, indexed, expected, missing, extra, changed, first } of tables) {
    if (first === undefined) continue;
    process.stderr.write(
      `${table}: ${indexed} rows, ${expected} by the oracle; ${missing} missing, ${extra} too many, ${changed} otherwise\n` +
        `  first: ${describe(first)}\n`,
    );
  }
  const blocks = Object.fromEntries(published.map(({ name, block }) => [`${name}_block`, Number(block)]));
  finish({ block: Number(block), ...blocks, tables: tables.length, rows, differences }, differences === 0);
}

try {
  const faults = readFaultOptions(flags);
  if (faults === undefined) await verifyLive();
  else {
    const interruption = new AbortController();
    const interrupt = () => interruption.abort(new VerifyError('Interrupted; all that was started is stopped.'));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
    const verdict = await runFaults(faults, say, interruption.signal);
    finish(verdict, verdict.differences === 0 && verdict.failures === 0);
  }
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof VerifyError || error instanceof FaultOptionsError))
    throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
