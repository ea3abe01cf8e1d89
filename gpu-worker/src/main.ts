import { ConfigError, readConfig } from './serving/config.ts';
import { StartError } from './serving/startError.ts';
import { startWorker } from './serving/worker.ts';

try {
  const worker = await startWorker(readConfig(process.env));
  let isStopping = false;
  const stop = async () => {
    // Asked twice, it does not wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    await worker.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  await worker.failed;
  if (!isStopping) {
    // Whoever keeps it running starts it again.
    await worker.stop({ patience: 1_000 });
    process.exit(1);
  }
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
