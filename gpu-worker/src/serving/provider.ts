import type { Hex } from '@openledger/protocol';
import { FallbackProvider, FetchRequest, isError, JsonRpcProvider, type Provider } from 'ethers';
import type { CallContract } from './payments/voucherSignature.ts';

const TIMEOUT_MS = 5_000;

/** Asks the chain's nodes, the next one when one fails. */
export const openProvider = (urls: readonly string[], chainId: bigint): Provider => {
  const nodes = urls.map((url) => {
    const request = new FetchRequest(url);
    request.timeout = TIMEOUT_MS;
    return new JsonRpcProvider(request, chainId, { staticNetwork: true, cacheTimeout: -1 });
  });
  return nodes.length === 1 ? nodes[0]! : new FallbackProvider(nodes, chainId, { quorum: 1 });
};

/** Calls contracts through a provider. */
export const callThrough =
  (provider: Provider): CallContract =>
  async (call) => {
    try {
      return (await provider.call(call)) as Hex;
    } catch (error) {
      if (isError(error, 'CALL_EXCEPTION') || isError(error, 'BAD_DATA')) return undefined;
      throw error;
    }
  };
