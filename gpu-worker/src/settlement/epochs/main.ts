/** `npm run -w gpu-worker epochs`: closes epochs and makes what they pay claimable, until it is stopped. */
import { StartError } from '../../serving/startError.ts';
import { EpochsConfigError, readEpochsConfig } from './config.ts';
import { startEpochs } from './start.ts';

try {
  const keeper = await startEpochs(readEpochsConfig(process.env));
  let isStopping = false;
  const stop = async () => {
    // Asked twice, it does not wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    await keeper.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  if (!(error instanceof EpochsConfigError || error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
