import { ConfigError, readConfig } from './config.ts';
import { checkPostgres } from './database.ts';
import { endHalt, haltsOf } from './halt.ts';
import { judge } from './identity.ts';
import { indexedChains } from './indexed-chains.ts';
import { takeLock } from './lock.ts';
import { createMemory, forgetChain } from './memory.ts';
import { asConfigError, connect, open } from './prepare.ts';

// `npm run -w indexer recover`: drops what was indexed of chains that are no longer what they were, so that the indexer
// reads them anew. Does nothing to an index that is right.

const say = (text: string) => process.stdout.write(`${text}\n`);
const warn = (message: string, details: Record<string, unknown> = {}) =>
  process.stderr.write(`${message} ${JSON.stringify(details)}\n`);

try {
  const config = readConfig(process.env);
  await checkPostgres(config.databaseUrl);
  const sql = connect(config.databaseUrl);
  try {
    await takeLock(sql);
    await createMemory(sql);
    let dropped = 0;
    for (const indexed of indexedChains(config)) {
      const { chain } = await open(sql, indexed, warn);
      const verdict = await judge(sql, chain);
      const halted = (await haltsOf(sql)).find(({ chainId }) => chainId === chain.id);
      if (verdict.kind === 'changed') {
        say(`Chain ${chain.id}: ${verdict.because}. Dropping what was indexed of it …`);
        await forgetChain(sql, chain.id);
        dropped++;
      } else if (halted !== undefined) {
        say(`Chain ${chain.id} holds everything that was indexed of it after all; nothing is dropped.`);
      }
      await endHalt(sql, chain.id);
    }
    say(
      dropped === 0
        ? 'There was nothing to drop. Start the indexer: npm run -w indexer start'
        : 'Done. Start the indexer, unless it is waiting already: npm run -w indexer start. It reads the chain anew.',
    );
  } catch (error) {
    throw asConfigError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
