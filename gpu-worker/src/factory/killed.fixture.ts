import { exampleJob, longSchedule } from './example.fixture.ts';
import { train } from './train.ts';

// A process of its own that trains and is killed: its arguments are the checkpoint's file and the threads.

const [file, threads] = process.argv.slice(2);
const job = exampleJob({ schedule: longSchedule, checkpoint: { file: file!, every: 2 }, threads: Number(threads) });
const { parameters, ended } = await train(job, {
  onProgress: (progress) => process.stdout.write(`${progress.kind} ${progress.step}\n`),
});
const [table] = parameters;
process.stdout.write(`${ended} ${Buffer.from(table!.values.buffer).toString('hex')}\n`);
