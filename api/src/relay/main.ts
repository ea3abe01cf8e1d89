import { RelayerConfigError, readRelayerConfig } from './config.ts';
import { startRelayer } from './start.ts';

try {
  const relayer = await startRelayer(readRelayerConfig(process.env));
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await relayer.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  if (!(error instanceof RelayerConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
