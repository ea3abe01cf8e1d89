export * from './engine.ts';
export * from './served.ts';
