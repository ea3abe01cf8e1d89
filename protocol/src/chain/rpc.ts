export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number | undefined;

  constructor(method: string, message: string, code?: number) {
    super(`${method}: ${message}`);
    this.code = code;
  }
}

/** One JSON-RPC call over HTTP. @throws RpcError with the node's own message, or when it does not answer. */
export async function rpc<Result>(url: string, method: string, params: readonly unknown[] = []): Promise<Result> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: Error) => {
    throw new RpcError(method, `${url} does not answer (${cause.message})`);
  });
  const answer = (await response.json()) as { result?: Result; error?: { code: number; message: string } };
  if (answer.error !== undefined) throw new RpcError(method, answer.error.message, answer.error.code);
  return answer.result as Result;
}
