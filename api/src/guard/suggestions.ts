import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Takes “Did you mean …?” out of errors: with it, a schema can be guessed name by name. */
export function useNoSuggestions(): Plugin {
  return {
    onResultProcess({ result }) {
      if (Symbol.asyncIterator in result || Array.isArray(result)) return;
      for (const error of (result as { errors?: readonly GraphQLError[] }).errors ?? []) {
        error.message = error.message.replace(/ Did you mean [^?]*\?/g, '');
      }
    },
  };
}
