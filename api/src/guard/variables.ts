import type { Plugin } from 'graphql-yoga';
import { badInput } from '../errors.ts';

/** How deep variables may nest, and how many values they may hold: reading them costs as much as reading the document. */
export const variableLimits = { depth: 20, values: 10_000 };

/** Refuses variables larger than anything the schema takes, before anything walks them. */
export function useVariableLimits(): Plugin {
  return {
    onParams({ params }) {
      // A body that is no object at all is for Yoga to refuse.
      checkVariables((params as typeof params | null)?.variables);
    },
  };
}

/** @throws BAD_USER_INPUT */
export function checkVariables(variables: unknown): void {
  let level: unknown[] = [variables];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > variableLimits.depth) {
      throw refusal(`The variables nest more than ${variableLimits.depth} levels deep.`);
    }
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const inner of Object.values(value)) next.push(inner);
    }
    values += next.length;
    if (values > variableLimits.values) {
      throw refusal(`The variables hold more than ${variableLimits.values} values.`);
    }
    level = next;
  }
}

function refusal(message: string) {
  const error = badInput(message);
  error.extensions.http = { status: 400 };
  return error;
}
