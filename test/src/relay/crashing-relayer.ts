/**
 * A relayer that dies at one step: forked with its parent's channel, it loads everything, waits for its orders, and kills
 * itself, without any chance to clean up, the first time it comes to that step.
 */
import { type RelayerConfig, type Step, startRelayer } from '@openledger/api/relay';

export type Orders = {
  /** Bigints as decimal digits. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Null lives on until it is told to stop. */
  readonly crashAt: Step | null;
};

/** A bigint has no JSON; these are the settings that are one. */
const asBigint = ['finalityBlocks', 'maxFeePerGas', 'batchGas'] as const;

process.once('message', async ({ config, crashAt }: Orders) => {
  const whole = { ...config, ...Object.fromEntries(asBigint.map((name) => [name, BigInt(config[name] as string)])) };
  const relayer = await startRelayer(whole as unknown as RelayerConfig, {
    onStep: (step) => {
      if (step === crashAt) process.kill(process.pid, 'SIGKILL');
    },
  });
  process.once('message', async () => {
    await relayer.stop();
    process.exit(0);
  });
});
process.once('disconnect', () => process.exit(1));
process.send?.('loaded');
