import type { Logger } from 'pino';
import { type Answer, createChainNode } from './chain-node.ts';

/** The newest block of the chain, and when it was last seen to be that. */
export type Head = Answer;

/** What a chain's nodes say together. */
export type Outlook = {
  /** Null until a node has answered; while none does, the last one there was. */
  readonly head: Head | null;
  readonly nodes: {
    readonly total: number;
    /** Those whose last answer was right. */
    readonly up: number;
    /** Those on another chain. */
    readonly elsewhere: number;
  };
};

/** The nodes are asked at most this often. */
const REFRESH_MS = 1000;
/** What was seen within this time is given at once while the nodes are asked anew: who looks often never waits. */
const AT_ONCE_MS = 3000;

type Options = { readonly urls: readonly string[]; readonly chainId: bigint; readonly log: Logger };

/**
 * The head of a chain by several nodes: the highest block of those that answer. They are asked when somebody looks, at
 * most once a second, and have 1.5 s; nobody waits longer, nor for a node that failed when it was last asked.
 */
export function createChainHead({ urls, chainId, log }: Options): () => Promise<Outlook> {
  const nodes = urls.map((url) => createChainNode({ url, chainId, log }));
  const count = (state: string) => nodes.filter((node) => node.state() === state).length;
  let askedAt = Number.NEGATIVE_INFINITY;
  let answered: Promise<unknown> = Promise.resolve();
  let head: Head | null = null;

  const askAll = () => {
    const trusted = new Set(nodes.filter((node) => node.state() === 'up' || node.state() === 'unasked'));
    const asked = nodes.map((node) => ({ node, answer: node.ask() }));
    return Promise.all(asked.filter(({ node }) => trusted.has(node)).map(({ answer }) => answer));
  };

  const readHead = () => {
    const answers = nodes.map((node) => node.answer()).filter((answer) => answer !== null);
    const [first, ...others] = answers;
    if (first === undefined) return head;
    const highest = others.reduce((best, answer) => (answer.block > best.block ? answer : best), first);
    const newest = others.reduce((best, answer) => (answer.at > best.at ? answer : best), first);
    head = { block: highest.block, timestamp: highest.timestamp, seenAt: newest.seenAt, at: newest.at };
    return head;
  };

  return async () => {
    const now = performance.now();
    if (now - askedAt >= REFRESH_MS) {
      askedAt = now;
      answered = askAll();
    }
    const known = readHead();
    if (known === null || now - known.at > AT_ONCE_MS) await answered;
    return { head: readHead(), nodes: { total: nodes.length, up: count('up'), elsewhere: count('elsewhere') } };
  };
}
