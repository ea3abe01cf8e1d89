export * from './engine.ts';
export * from './served.ts';
export * from './text/index.ts';
