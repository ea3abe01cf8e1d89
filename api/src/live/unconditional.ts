import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type ValidationContext,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * A subscription is to something: with its only field left out by a condition there is nothing to send, and graphql-js
 * fails on it. The specification says the same since its 2025 edition.
 */
function unconditionalRule(context: ValidationContext): ASTVisitor {
  const check = (selection: SelectionNode, seen: ReadonlySet<string>): void => {
    const condition = selection.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include');
    if (condition) {
      const message = `A subscription's own field takes no @${condition.name.value}: leave the operation out instead.`;
      context.reportError(
        new GraphQLError(message, { nodes: condition, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
      );
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      for (const inner of selection.selectionSet.selections) check(inner, seen);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD && !seen.has(selection.name.value)) {
      const fragment = context.getFragment(selection.name.value);
      const inside = new Set([...seen, selection.name.value]);
      for (const inner of fragment?.selectionSet.selections ?? []) check(inner, inside);
    }
  };
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation !== OperationTypeNode.SUBSCRIPTION) return;
      for (const selection of selectionSet.selections) check(selection, new Set());
    },
  };
}

/** Refuses subscriptions whose own field hangs on a condition. */
export function useUnconditionalSubscriptions(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(unconditionalRule);
    },
  };
}
