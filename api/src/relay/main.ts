import { startReveals } from '../reviews/start-reveals.ts';
import { RelayerConfigError, readRelayerConfig } from './config.ts';
import { startRelayer } from './start.ts';

try {
  const config = readRelayerConfig(process.env);
  const relayer = await startRelayer(config);
  const reveals = config.secret === undefined ? null : await startReveals({ ...config, secret: config.secret });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await reveals?.stop();
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
