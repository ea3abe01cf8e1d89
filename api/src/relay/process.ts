/** The relayer as a process: what starts one, and what writes its work. */
export { type RelayerConfig, RelayerConfigError, readRelayerConfig } from './config.ts';
export * from './index.ts';
export { type Step, steps } from './relayer.ts';
export { type RelayerHooks, type RunningRelayer, startRelayer } from './start.ts';
