/**
 * `npm run -w gpu-worker attribute -- --adapter <folder> --datanet <id>@<version> --sequence <tokens> --out <folder> …`: makes what
 * the answers of an adapter are attributed with, before it is published, and its attribution card. Ctrl-C stops it between two
 * rows; the same command goes on from there. docs/attributing.md has all options.
 */
import type { Card } from '@openledger/protocol/attribution';
import { AttributingError, attribute, readOptions } from '../src/attribution/attributing/index.ts';
import { CardError } from '../src/attribution/card/index.ts';
import { InfluenceError } from '../src/attribution/influence/index.ts';
import { VersionError } from '../src/attribution/version/index.ts';
import { BaseError } from '../src/base/index.ts';
import { LoraError } from '../src/lora/index.ts';

const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => cancel.abort());
const say = (message: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${message}\n`);

/** As `ModelRegistry.recordEvaluation` takes it: 1e18 fixed point, none below 0. */
const scoreOf = ({ figures }: Card) => String(BigInt(Math.max(0, figures[0]!.lds)) * 10n ** 12n);

/** Of so many seconds, one line. */
const every = 5;
let [doing, said, begun, first] = ['', 0, 0, 0];
const follow = (what: string, done: number, all: number) => {
  const now = performance.now() / 1_000;
  if (what !== doing) [doing, begun, first] = [what, now, done];
  if (now - said < every && done < all) return;
  said = now;
  const left = done > first ? `, ${Math.ceil((((now - begun) / (done - first)) * (all - done)) / 60)} min left` : '';
  say(`${what}: ${done} of ${all}${left}`);
};

const known = [AttributingError, CardError, InfluenceError, VersionError, BaseError, LoraError];
try {
  const options = await readOptions(process.argv.slice(2), process.env);
  const { adapterHash, manifestHash, recordHash, rows, card } = await attribute(options, {
    signal: cancel.signal,
    onProgress: (what, done, all) => follow(what, done, all),
  });
  say(`${rows} rows are kept; ${options.out}/record.json says of what`);
  const lines = {
    adapterHash,
    manifestHash,
    attribution: recordHash,
    ...(card && { card: card.hash, score: scoreOf(card.card) }),
  };
  process.stdout.write(`${JSON.stringify(lines)}\n`);
  if (card === undefined) say('there is no card yet: --recipe and --held-out make one');
  else {
    const { lds, low, high, method } = card.card.figures[0]!;
    say(`${method}: LDS ${lds / 1e6} (${low / 1e6} to ${high / 1e6}), damping ${card.card.damping}`);
  }
} catch (error) {
  if (cancel.signal.aborted) say('stopped; the same command goes on from there');
  else if (known.some((one) => error instanceof one)) process.stderr.write(`attribute: ${(error as Error).message}\n`);
  else throw error;
  process.exitCode = 1;
}
