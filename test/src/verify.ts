/**
 * `npm run verify -- index`: every row of a live index against what the chain's own logs come to.
 * `npm run verify -- index --seeds 50`: the same for an index that is put through that many schedules of faults, on chains
 * and a database of its own.
 * `npm run verify -- graphql --operations 100000`: that many generated operations, right and wrong, against an API of its own.
 * `npm run verify -- relay --crashes 100`: a relayer that dies so often at each step of its work, and what became of all it
 * was given.
 * `npm run verify -- hostile-models --files 10000`: so many model files of each kind, made worse at random: each is read or
 * refused with the reason, in bounded time and memory.
 * `npm run verify -- serving --requests 10000 --adapters 1000 --kills 2`: all kinds of clients against a real worker that is
 * killed meanwhile: what became of each, and whether that was recorded once.
 * `npm run verify -- settlement --kills 50`: what settles, attributes and closes epochs dies so often at each step of its work;
 * then every answer and every wei is counted.
 * `npm run verify -- conservation --inferences 100000`: a month of so many answers, disputes, claims and withdrawals: where
 * every wei is that was ever deposited.
 * `npm run verify -- receipt <requestId>`, `epoch <id>`, `adapter <modelId> <version>`: of a deployment that is running, computed anew
 * from the chain's rows and public contents.
 * `npm run verify -- receipts --count 100`: so many, an epoch and a version on a chain of its own; then every kind of lie about them.
 */
import { type FaultOptions, FaultOptionsError, readFaultOptions, runFaults } from './faults/index.ts';
import { OperationOptionsError, readOperationOptions, verifyOperations } from './graphql/verify.ts';
import { HostileOptionsError, readHostileOptions, verifyHostile } from './hostile/verify.ts';
import { ConfigError, describe, readConfig, VerifyError, verifyIndex } from './oracle/index.ts';
import { subjects as published, ReceiptsError, readCommand, runCommand, type Subject } from './receipts/index.ts';
import { readReceiptsOptions, runReceipts } from './receipts/run.ts';
import { CrashError, readCrashOptions, runCrashes } from './relay/crashes.ts';
import { readServingOptions, ServingOptionsError } from './serving/options.ts';
import { verifyServing } from './serving/verify.ts';
import { ConservationError, readConservationOptions, runConservation } from './settlement/conservation.ts';
import { KillsError, readKillsOptions, runKills } from './settlement/kills.ts';

const [what, ...flags] = process.argv.slice(2);
const own = ['index', 'graphql', 'relay', 'hostile-models', 'serving', 'settlement', 'conservation', 'receipts'];
const subjects: readonly string[] = [...own, ...published];
if (what === undefined || !subjects.includes(what)) {
  const wrong = what === undefined ? 'say what' : `${what} is unknown`;
  process.stderr.write(`verify: ${wrong}; npm run verify -- ${subjects.join(', or npm run verify -- ')}\n`);
  process.exit(1);
}

const started = performance.now();
const seconds = () => (performance.now() - started) / 1_000;
const say = (message: string) => process.stderr.write(`${seconds().toFixed(1).padStart(6)} s  ${message}\n`);
const finish = (figures: Readonly<Record<string, unknown>>, isRight: boolean) => {
  process.stdout.write(`${JSON.stringify({ name: what, ...figures, seconds: Number(seconds().toFixed(1)) })}\n`);
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

/** Aborted when the person says so, so that all that was started is stopped. */
function interruptible(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new VerifyError('Interrupted; all that was started is stopped.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  return interruption.signal;
}

async function verifyFaults(faults: FaultOptions): Promise<void> {
  const verdict = await runFaults(faults, say, interruptible());
  finish(verdict, verdict.differences === 0 && verdict.failures === 0);
}

async function verifyRelay(): Promise<void> {
  const verdict = await runCrashes({ ...readCrashOptions(flags), say, signal: interruptible() });
  const { lost, doubled, refused, unsettled, failed } = verdict;
  finish(verdict, lost + doubled + refused + unsettled + failed === 0);
}

try {
  if (what === 'graphql') {
    const figures = await verifyOperations(readOperationOptions(flags), say);
    finish(figures, figures.faults === 0);
  } else if (what === 'hostile-models') {
    const figures = await verifyHostile(readHostileOptions(flags), say);
    finish(figures, figures.faults === 0);
  } else if (what === 'serving') {
    const figures = await verifyServing(readServingOptions(flags), say);
    finish(figures, figures.faults === 0);
  } else if (what === 'relay') {
    await verifyRelay();
  } else if (what === 'settlement') {
    const verdict = await runKills({ ...readKillsOptions(flags), say, signal: interruptible() });
    finish(verdict, verdict.lost + verdict.doubled === 0 && verdict.off_wei === '0');
  } else if (what === 'conservation') {
    const verdict = await runConservation({ ...readConservationOptions(flags), say, signal: interruptible() });
    finish(verdict, verdict.settled === verdict.inferences && verdict.off_wei === '0');
  } else if (what === 'receipts') {
    const verdict = await runReceipts({ ...readReceiptsOptions(flags), say });
    const { receipts, epochs, adapters, right, tamperings, found } = verdict;
    finish(verdict, right === receipts + epochs + adapters && found === tamperings);
  } else if (published.includes(what as Subject)) {
    const isRight = await runCommand(await readCommand(what as Subject, flags, process.env), (line) => {
      process.stdout.write(`${line}\n`);
    });
    process.exitCode = isRight ? 0 : 1;
  } else {
    const faults = readFaultOptions(flags);
    await (faults === undefined ? verifyLive() : verifyFaults(faults));
  }
} catch (error) {
  const theirs = [
    ConfigError,
    VerifyError,
    FaultOptionsError,
    OperationOptionsError,
    CrashError,
    HostileOptionsError,
    ServingOptionsError,
    KillsError,
    ConservationError,
    ReceiptsError,
  ];
  if (!(error instanceof Error && theirs.some((kind) => error instanceof kind))) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
