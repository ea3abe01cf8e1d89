import { createPublicClient, fallback, http, type PublicClient } from 'viem';

/** Milliseconds a node has for one question. */
const TIMEOUT_MS = 5000;

/** Asks the chain's nodes, the next one when one fails; connects on first use. */
export function createChainClient(urls: readonly string[]): PublicClient {
  return createPublicClient({
    transport: fallback(
      urls.map((url) => http(url, { timeout: TIMEOUT_MS, retryCount: 0 })),
      { retryCount: 0 },
    ),
    cacheTime: 0,
  }) as PublicClient;
}
