export { type DevelopmentAccount, developmentAccounts, developmentMnemonic } from './accounts.ts';
export { type LocalChain, LocalChainError, type LocalChainOptions, startLocalChain } from './local-chain.ts';
export { portIfFree } from './ports.ts';
export { RpcError, rpc } from './rpc.ts';
