export { compareTables, type Difference, describe, type TableReport } from './compare.ts';
export { ConfigError, readConfig, type VerifyConfig } from './config.ts';
export { ChainMoved } from './reader.ts';
export { rebuildIndex } from './rebuild.ts';
export { createRpc, RpcError } from './rpc.ts';
export type { State, TableName } from './state.ts';
export {
  foldChain,
  publishedChains,
  type Verdict,
  VerifyError,
  type VerifyOptions,
  verifyIndex,
} from './verify-index.ts';
