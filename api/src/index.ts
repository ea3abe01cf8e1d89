export { type ApiConfig, ConfigError, readConfig } from './config.ts';
export { type ApiHooks, type ApiServer, createApiServer, StartError } from './server.ts';
