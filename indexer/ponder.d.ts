/// <reference types="ponder/virtual" />

// What Ponder writes to ponder-env.d.ts at every start, kept here so that types check without having run it.
declare module 'ponder:internal' {
  const config: typeof import('./ponder.config.ts');
  const schema: typeof import('./ponder.schema.ts');
}

declare module 'ponder:schema' {
  export * from './ponder.schema.ts';
}
