import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { anonymous, type Caller } from '../identity/caller.ts';
import { priceOf } from './cost.ts';
import type { Guard } from './guard.ts';
import { respondOf } from './response-headers.ts';
import { costOf } from './spent.ts';
import type { Visitor } from './visitor.ts';

/** What a document costs that was looked at and cannot run: it took parsing and validating. */
const REFUSED = 20;

type Admission = { readonly visitor: Visitor; cost?: number; writes?: number };

const admissions = new WeakMap<Request, Admission>();

/** Who was admitted before the request came here, or why not: nobody pays, or guesses, twice with one request. */
export const admitted = new WeakMap<IncomingMessage, Promise<Visitor>>();

/** Who sent a request that was admitted. */
export function callerOfRequest(request: Request): Caller {
  return admissions.get(request)?.visitor.caller ?? anonymous;
}

/** Whose buckets a request that was admitted pays from: an address, an account, or a key. */
export function payerOfRequest(request: Request): string {
  return admissions.get(request)?.visitor.key ?? 'unknown';
}

/** Part of a subscription's price that is for having it; the rest is for each message. */
export const SUBSCRIPTION_PRICE = 20;
const PAUSE_MS = 500;

/** Pays for another message of a subscription, waiting until there is enough; its stream goes only as fast as that. */
export function payForMessages(guard: Guard): (request: Request, signal: AbortSignal) => Promise<void> {
  return async (request, signal) => {
    const admission = admissions.get(request);
    if (admission?.cost === undefined) return;
    const price = Math.max(1, admission.cost - SUBSCRIPTION_PRICE);
    while (!signal.aborted && guard.left(admission.visitor).read.remaining < price) await setTimeout(PAUSE_MS);
    if (!signal.aborted) guard.read(admission.visitor, price);
  };
}

/** Admits requests, lets operations run that can be paid, one caller's in turns, and says what they cost. */
export function useAdmission(guard: Guard): Plugin {
  /** @throws when it cannot be paid */
  const pay = (args: Parameters<typeof priceOf>[0]) => {
    const admission = admissions.get((args.contextValue as { request: Request }).request);
    if (admission === undefined) return undefined;
    const { cost, writes } = priceOf(args);
    admission.cost = cost;
    admission.writes = writes;
    if (writes > 0) guard.write(admission.visitor, writes);
    guard.read(admission.visitor, cost);
    return admission;
  };
  const refusedBy = (error: unknown) => {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  };

  return {
    async onRequestParse({ request, serverContext }) {
      const { req } = serverContext as { req?: IncomingMessage };
      const { method, headers } = request;
      const before = req && admitted.get(req);
      const visitor = await (before ?? guard.admit({ method, headers, peer: req?.socket.remoteAddress }));
      admissions.set(request, { visitor });
    },
    onExecute({ args, executeFn, setExecuteFn, setResultAndStopExecution }) {
      try {
        const admission = pay(args);
        if (admission === undefined) return;
        // Writes such as asking a model may take long: reading does not wait behind them.
        const { key } = admission.visitor;
        setExecuteFn((given) => guard.turns(admission.writes ? `write ${key}` : key, () => executeFn(given)));
      } catch (error) {
        setResultAndStopExecution(refusedBy(error));
      }
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      try {
        pay(args);
      } catch (error) {
        setResultAndStopExecution(refusedBy(error) as never);
      }
    },
    onExecutionResult({ request, result, setResult }) {
      const admission = admissions.get(request);
      if (admission === undefined || !result || Symbol.asyncIterator in result || Array.isArray(result)) return;
      const { visitor, cost, writes } = admission;
      if (cost === undefined) {
        guard.fine(visitor, REFUSED);
        return;
      }
      const extensions = { ...result.extensions, cost: costOf(guard, visitor, { cost, writes: writes ?? 0 }).cost };
      setResult({ ...result, extensions } as never);
    },
    onResponse({ request }) {
      const admission = admissions.get(request);
      if (admission === undefined) return;
      const respond = respondOf(request);
      for (const [name, value] of Object.entries(guard.headers(admission.visitor))) respond.set(name, value);
    },
  };
}
