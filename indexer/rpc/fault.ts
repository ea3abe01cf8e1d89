/**
 * What went wrong with one question to one node.
 * `unavailable`: no answer, a late one, or one that is no JSON-RPC. `limited`: too many questions. `refused`: this range of
 * logs is too much for one answer. `unsupported`: the node does not know the method. `failed`: any other error of the node.
 * `unfit`: an answer that cannot be true, or that the node does not have yet. `gone`: it is about a block that the node does
 * not have, as after a reorganisation. `foreign`: the node is on another chain.
 */
export type FaultKind = 'unavailable' | 'limited' | 'refused' | 'unsupported' | 'failed' | 'unfit' | 'gone' | 'foreign';

/**
 * JSON-RPC's code for what is not supported. Ponder asks again after any other, for a minute and more, and stands still
 * meanwhile; a block that was taken back is worth no second question, since the next head shows what came in its place.
 */
export const notSupported = -32_004;

/** No node has a block any more. */
export const goneBlock = (hash: string): RpcFault =>
  new RpcFault('gone', `no node has block ${hash} any more`, { code: notSupported });

/** A question that one node, or in the end every node, could not answer. Names the node by its origin only. */
export class RpcFault extends Error {
  override readonly name = 'RpcFault';
  readonly kind: FaultKind;
  /** JSON-RPC's error code, where the node gave one. */
  readonly code: number | undefined;
  /** Milliseconds that the node asks to be left alone. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    { code, retryAfter, cause }: { code?: number | undefined; retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** An error object as JSON-RPC has it. */
export type RpcErrorObject = { code: number; message: string };

const limits = /rate.?limit|too many requests|requests? per|throttl|capacity|compute units|credits/i;
const ranges =
  /more than|too (large|many|wide|big)|block range|range (is|limit|exceed)|limit exceeded|response size|result(s|set)? (size|window)|exceed|max(imum)?\b.*(block|result|log)|query timeout/i;

/** What an error object means. Providers share no codes, so their words decide. */
export const faultOf = (origin: string, method: string, { code, message }: RpcErrorObject): RpcFault => {
  const say = (kind: FaultKind) => new RpcFault(kind, `${origin} answered ${method} with: ${message}`, { code });
  if (code === -32601 || code === -32004) return say('unsupported');
  if (code === 429 || limits.test(message)) return say('limited');
  if (method === 'eth_getLogs' && ranges.test(message)) return say('refused');
  return say(code === -32005 ? 'limited' : 'failed');
};
