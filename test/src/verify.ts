/** `npm run verify -- index`: every row of a live index against what the chain's own logs come to. */
import { ConfigError, describe, readConfig, VerifyError, verifyIndex } from './oracle/index.ts';

const [what] = process.argv.slice(2);
if (what !== 'index') {
  process.stderr.write(`verify: ${what === undefined ? 'say what' : `${what} is unknown`}; npm run verify -- index\n`);
  process.exit(1);
}

const started = performance.now();
const seconds = () => (performance.now() - started) / 1_000;
try {
  const config = await readConfig(process.env);
  const { block, published, tables, rows, differences } = await verifyIndex({
    ...config,
    onProgress: (message) => process.stderr.write(`${seconds().toFixed(1).padStart(6)} s  ${message}\n`),
  });
  for (const { table, indexed, expected, missing, extra, changed, first } of tables) {
    if (first === undefined) continue;
    process.stderr.write(
      `${table}: ${indexed} rows, ${expected} by the oracle; ${missing} missing, ${extra} too many, ${changed} otherwise\n` +
        `  first: ${describe(first)}\n`,
    );
  }
  const blocks = Object.fromEntries(published.map(({ name, block }) => [`${name}_block`, Number(block)]));
  const line = { name: 'index', block: Number(block), ...blocks, tables: tables.length, rows, differences };
  process.stdout.write(`${JSON.stringify({ ...line, seconds: Number(seconds().toFixed(1)) })}\n`);
  process.exitCode = differences === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof VerifyError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
