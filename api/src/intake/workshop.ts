import { Worker } from 'node:worker_threads';
import { type Body, type Examination, examine } from './examine.ts';
import { refuse } from './finding.ts';
import { bounds } from './rules.ts';

/** Bytes up to which an examination takes some tens of milliseconds at most, less than a thread takes to start. */
const small = 64_000;
/** Threads at once; others wait for their turn. */
const threads = 2;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Examines a body: a small text here, a large one or a PDF in a thread of its own, so that requests go on being answered, and
 * neither time nor memory is the contributor's to spend.
 */
export async function examineApart(submission: Body): Promise<Examination> {
  const { body } = submission;
  if (body.length > bounds.bytes || (body.length <= small && !isPdf(body))) return examine(submission);
  // The place of one that ends is handed on, so nobody overtakes those who wait.
  if (running < threads) running += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await examineInThread(submission);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

const isPdf = (body: Uint8Array) =>
  Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 1_024)).includes('%PDF-');

function examineInThread({ body, mediaType, fileName }: Body): Promise<Examination> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./examine-worker.ts', import.meta.url), {
      workerData: { body, mediaType, fileName },
      resourceLimits: { maxOldGenerationSizeMb: bounds.heap },
      // Neither flags of a debugger nor the environment's secrets are its business.
      execArgv: [],
      env: {},
    });
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      void worker.terminate();
      act();
    };
    const give = (explanation: string) =>
      settle(() => resolve({ readable: false, finding: refuse('reading', explanation) }));
    const timer = setTimeout(
      () => give(`Reading the file took more than ${bounds.time / 1_000} seconds. Split it, or send its text alone.`),
      bounds.time,
    );
    worker.once('message', (result: Examination) => settle(() => resolve(result)));
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error instanceof RangeError)
        give('Reading the file took too much memory. Split it, or send its text alone.');
      else settle(() => reject(error));
    });
    worker.once('exit', () =>
      settle(() => reject(new Error('The thread that examines a submission ended without a result.'))),
    );
  });
}
