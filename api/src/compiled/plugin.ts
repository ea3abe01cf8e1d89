import type { Plugin } from 'graphql-yoga';
import type { Engine } from './engine.ts';

/** Lets the engine know of operations that come to be executed; the last of the plugins, so that nothing refuses them after. */
export function useCompiled(engine: Engine): Plugin {
  return {
    onExecute({ args }) {
      const { params } = args.contextValue as { params?: { query?: string | null; operationName?: string | null } };
      if (params?.query) engine.admit(params.query, params.operationName ?? undefined, args.document);
    },
  };
}
