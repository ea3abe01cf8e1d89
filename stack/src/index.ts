export { localVisitor } from './bots-service.ts';
export { ConfigError, readStackConfig, type StackConfig } from './config.ts';
export { createLog, type Log } from './log.ts';
export { type Stack, type StackOptions, type StackUrls, startStack } from './stack.ts';
