import { startBots } from './bots.ts';
import { ConfigError, readConfig } from './config.ts';

try {
  const config = readConfig(process.env);
  if (config.discord === undefined && config.telegram === undefined) {
    throw new ConfigError(
      'No platform has a token. Telegram: ask @BotFather for a bot and set TELEGRAM_TOKEN. See docs/bots.md.',
    );
  }
  const bots = await startBots(config);
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    await bots.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  // Never the error itself: a platform's may hold the token in its address.
  const isOurs = error instanceof ConfigError;
  process.stderr.write(`${isOurs ? error.message : `The bots cannot start: ${reasonOf(error)}`}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/bot\d+:[\w-]+/g, 'bot<token>');
}
