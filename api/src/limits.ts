import { type ASTVisitor, type DocumentNode, GraphQLError, type ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** What a document may hold at most, checked before anything runs. */
export const documentLimits = { tokens: 3000, aliases: 60, directives: 30, bodyBytes: 100_000 };

/** Refuses documents with more aliases or directives than a person writes: each costs time before the cost limit sees it. */
function countingRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  let directives = 0;
  return {
    Field(node) {
      if (node.alias) aliases += 1;
    },
    Directive() {
      directives += 1;
    },
    Document: {
      leave(node: DocumentNode) {
        const check = (what: string, count: number, limit: number) => {
          if (count <= limit) return;
          context.reportError(
            new GraphQLError(`The document has ${count} ${what}; at most ${limit} are served.`, {
              nodes: node.definitions.slice(0, 1),
              extensions: { code: 'QUERY_TOO_COMPLEX' },
            }),
          );
        };
        check('aliases', aliases, documentLimits.aliases);
        check('directives', directives, documentLimits.directives);
      },
    },
  };
}

/** Bounds what parsing and validation may cost. */
export function useDocumentLimits(): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: documentLimits.tokens }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(countingRule);
    },
  };
}
