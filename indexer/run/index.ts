export { type Command, indexerCommand } from './command.ts';
export { addressVariable, ConfigError, type Deployment, type IndexerConfig, readConfig } from './config.ts';
export { type Log, type PreparedIndexer, prepareIndexer, viewsSchema } from './prepare.ts';
export { type Published, type PublishedChain, type PublishedChainName, readPublished } from './published.ts';
export { type ChainStatus, chainStatusSql, readChainStatus, readChainStatuses } from './status.ts';
