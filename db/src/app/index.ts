export { content } from './contents.ts';
export { app } from './schema.ts';
