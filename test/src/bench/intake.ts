import { recordFingerprint, rules } from '@openledger/api/intake';
import {
  countByClass,
  type Desk,
  fingerprintOfText,
  genesisHash,
  honestItems,
  judgeLabelled,
  openDesk,
  tableOf,
} from '@openledger/api/intake/labelled';
import { putContents } from '@openledger/db';
import { startTestDatabase } from '@openledger/db/testing';
import { type Bench, type Figures, round } from './report.ts';

const stored = 10_000;
const sizes = [
  { name: '1kB', bytes: 1_000, runs: 15 },
  { name: '100kB', bytes: 100_000, runs: 7 },
  { name: '5MB', bytes: 5_000_000, runs: 3 },
] as const;

/**
 * How often intake is wrong, on submissions whose right verdict is known (the half that no threshold was chosen by), and how long a
 * submission takes it, by its size and by how many others it is compared with.
 */
export const intake: Bench = {
  name: 'intake',
  flags: [],
  async run(_flags, progress) {
    const server = await startTestDatabase();
    try {
      return { ...(await quality(server.url, progress)), ...(await speed(server.url, progress)) };
    } finally {
      await server.stop();
    }
  },
};

async function quality(url: string, progress: (message: string) => void): Promise<Figures> {
  progress(`judging the labelled set by rules ${rules}`);
  const desk = await openDesk(url);
  try {
    const counts = countByClass(await judgeLabelled(desk), 'held-out');
    process.stdout.write(`${tableOf(counts)}\n\n`);
    const sum = (honest: boolean, of: 'items' | 'accept' | 'hold' | 'refuse') =>
      counts.filter((count) => count.honest === honest).reduce((total, count) => total + count[of], 0);
    return {
      honest_items: sum(true, 'items'),
      false_refusals: sum(true, 'refuse'),
      false_holds: sum(true, 'hold'),
      hostile_items: sum(false, 'items'),
      misses: sum(false, 'accept'),
    };
  } finally {
    await desk.close();
  }
}

async function speed(url: string, progress: (message: string) => void): Promise<Figures> {
  const desk = await openDesk(url);
  try {
    const figures: Record<string, number> = {};
    await store(desk, 0, 1);
    for (const against of [1, stored]) {
      if (against > 1) {
        progress(`storing ${against.toLocaleString('en')} fingerprints`);
        await store(desk, 1, against);
        await desk.app.sql`analyze`;
      }
      for (const { name, bytes, runs } of sizes) {
        progress(`judging ${name} against ${against.toLocaleString('en')}`);
        const times: number[] = [];
        for (let run = 0; run < runs; run++) {
          const body = new TextEncoder().encode(textOf(bytes, 1_000_000 + run));
          const started = performance.now();
          await desk.judge({ body });
          times.push(performance.now() - started);
        }
        figures[`${name}_against_${against}_ms`] = round(times.sort((a, b) => a - b)[Math.floor(runs / 2)]!, 1);
      }
    }
    return figures;
  } finally {
    await desk.close();
  }
}

/** Keeps texts of about 1 kB, each different, as accepted ones are kept. */
async function store(desk: Desk, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 250) {
    await desk.app.db.transaction(async (tx) => {
      for (let i = at; i < Math.min(at + 250, to); i++) {
        const text = textOf(1_000, i);
        const [contentHash] = await putContents(tx, [
          { mediaType: 'text/plain', body: new TextEncoder().encode(text) },
        ]);
        await recordFingerprint(tx, {
          genesisHash,
          datanetId: 1n,
          judgement: { contentHash: contentHash!, fingerprint: fingerprintOfText(text) },
        });
      }
    });
  }
}

let sentences: readonly string[] | undefined;

/** Sentences of real documents in an order that no other seed has, with a number in each so that they differ. */
function textOf(bytes: number, seed: number): string {
  sentences ??= honestItems()
    .filter((item) => item.class === 'documents')
    .flatMap((item) => item.body.replace(/```[\s\S]*?```/g, '').match(/[A-Z][^.!?<>[\]|#*]{40,200}[.!?]/g) ?? []);
  let [text, state] = ['', seed];
  for (let i = 0; text.length < bytes; i++) {
    state = (Math.imul(state ^ (i + 1), 0x9e3779b1) ^ (state >>> 13)) >>> 0;
    text += `${sentences[state % sentences.length]} ${(state % 97_003).toString(36)} follows.${i % 4 === 3 ? '\n\n' : ' '}`;
  }
  return text.replace(/[^\x20-\x7e\n]/g, ' ').slice(0, bytes);
}
