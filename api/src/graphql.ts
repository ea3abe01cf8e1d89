import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { PothosValidationError } from '@pothos/core';
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Engine } from './compiled/engine.ts';
import { useCompiled } from './compiled/plugin.ts';
import type { ApiConfig } from './config.ts';
import type { Services } from './context.ts';
import { explainDatabaseError } from './database-errors.ts';
import { exampleTabs } from './examples.ts';
import { callerOfRequest, payForMessages, useAdmission } from './guard/admission.ts';
import { corsOf } from './guard/cors.ts';
import { documentLimits, useDocumentLimits } from './guard/documents.ts';
import type { Guard } from './guard/guard.ts';
import { usePersistedOperations } from './guard/persisted.ts';
import { respondOf, useResponseHeaders } from './guard/response-headers.ts';
import { useNoSuggestions } from './guard/suggestions.ts';
import { useVariableLimits } from './guard/variables.ts';
import { useLive } from './live/index.ts';
import { useUnconditionalSubscriptions } from './live/unconditional.ts';
import { withoutParameters } from './log.ts';
import type { Metrics } from './metrics.ts';
import { schema } from './schema/index.ts';

type Options = {
  readonly services: Services;
  readonly guard: Guard;
  readonly engine: Engine;
  readonly config: Pick<ApiConfig, 'graphiql' | 'introspection' | 'suggestions' | 'persistedOnly'>;
  readonly log: Logger;
  readonly metrics: Metrics;
};

let graphiqlPage: string | undefined;

/** The GraphQL endpoint at /graphql: queries by POST and GET, GraphiQL for browsers. */
export function createGraphQL({ services, guard, engine, config, log, metrics }: Options) {
  const told = (message: unknown[]) => ({ yoga: message.map((part) => withoutParameters(String(part))) });
  return createYoga({
    schema,
    // A record for each request: loaders and plans are cached on it.
    context: ({ request }) => ({
      ...services,
      request,
      respond: respondOf(request),
      caller: callerOfRequest(request),
    }),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    multipart: false,
    cors: corsOf(services.origins, services.publicUrl),
    maxRequestBodySize: documentLimits.bodyBytes,
    logging: {
      debug: (...message) => log.debug(told(message)),
      info: (...message) => log.debug(told(message)),
      warn: (...message) => log.warn(told(message)),
      error: (...message) => log.debug(told(message)),
    },
    graphiql: config.graphiql && {
      title: 'OpenLedger GraphQL',
      defaultTabs: exampleTabs.map((query) => ({ query })),
      defaultEditorToolsVisibility: false,
    },
    // The page carries its scripts and styles inside, so that it works without a network; it is made once.
    renderGraphiQL: (options) => {
      graphiqlPage ??= renderGraphiQL(options);
      return graphiqlPage;
    },
    maskedErrors: { maskError: (error) => presentError(error, log) },
    plugins: [
      useAdmission(guard),
      useResponseHeaders(),
      usePersistedOperations(services, config.persistedOnly),
      useVariableLimits(),
      useDocumentLimits(config),
      ...(config.suggestions ? [] : [useNoSuggestions()]),
      useUnconditionalSubscriptions(),
      useErrorCodes(metrics),
      useLive({ places: services.live.places, pay: payForMessages(guard) }),
      useCompiled(engine),
    ],
  });
}

/** What a client sees of an error: our own as they are, the database's explained, the rest hidden and logged. */
function presentError(error: unknown, log: Logger): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  if (original instanceof GraphQLError) return error as GraphQLError;
  if (original instanceof PothosValidationError) {
    return new GraphQLError(original.message, { ...place, extensions: { code: 'BAD_USER_INPUT' } });
  }
  const explained = explainDatabaseError(original);
  if (explained) {
    log.warn({ err: original, code: explained.code }, 'query failed in the database');
    return new GraphQLError(explained.message, { ...place, extensions: { code: explained.code } });
  }
  log.error({ err: original, path: place.path }, 'query failed');
  return new GraphQLError('Something went wrong on our side. It is logged; please try again.', {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}

/** Gives every error a code, also those of graphql-js and Yoga that come without one, and counts them. */
function useErrorCodes(metrics: Metrics): Plugin {
  return {
    onResultProcess({ result }) {
      if (Symbol.asyncIterator in result || Array.isArray(result)) return;
      for (const error of (result as { errors?: readonly GraphQLError[] }).errors ?? []) {
        error.extensions.code ??= codeOf(error);
        metrics.countError(String(error.extensions.code));
      }
    },
  };
}

function codeOf(error: GraphQLError): string {
  if (error.message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED';
  // Wrong variables are found while running, but before any field has a path.
  if (error.message.startsWith('Variable ')) return 'BAD_USER_INPUT';
  return error.path === undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'INTERNAL_SERVER_ERROR';
}
