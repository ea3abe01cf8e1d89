/** `npm run smoke`: from empty state once through the whole protocol, then the chain against what GraphQL says of it. */
import { runSmoke } from './smoke/run.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());

const started = performance.now();
const report = await runSmoke((message) => {
  const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${message}\n`);
}, interruption.signal).catch((error: unknown) => {
  process.stderr.write(`The smoke test could not run to its end: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});

if (report.surprises.length > 0) {
  process.stderr.write(`${report.surprises.length} surprises:\n`);
  for (const surprise of report.surprises) process.stderr.write(`  ${surprise}\n`);
}
const { surprises, ...figures } = report;
const seconds = Number(((performance.now() - started) / 1_000).toFixed(1));
const line = JSON.stringify({ name: 'smoke', ...figures, surprises: surprises.length, seconds });
process.stdout.write(`${line}\n`, () => process.exit(surprises.length === 0 ? 0 : 1));
