import type { Hex } from '@openledger/db/chain';
import { GraphQLError } from 'graphql';
import type { ApiContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { isoOf } from '../onchain/signed-by.ts';

/**
 * Makes sure that an account lets this API's relayer act in its name until a moment.
 * @param until Unix seconds; now without it
 * @throws FORBIDDEN with `extensions.relayer`, saying how to authorise it; NOT_CONFIGURED without a relayer; CHAIN_UNAVAILABLE
 */
export async function requireRelayer(
  { protocol, relayer }: Pick<ApiContext, 'protocol' | 'relayer'>,
  account: Hex,
  place: string,
  until?: bigint,
): Promise<Hex> {
  const address = relayer();
  const [authorised, now] = await Promise.all([
    protocol.view<bigint>('DatanetRegistry', 'relayerUntil', [account, address]),
    protocol.now(),
  ]);
  const how = 'Sign relayerAuthorization and send it with authorizeRelayer, or send prepareAuthorizeRelayer.';
  if (authorised <= now) {
    throw unauthorised(address, `${place}: ${account} has not authorised the relayer ${address}. ${how}`);
  }
  if (until !== undefined && authorised <= until) {
    throw unauthorised(
      address,
      `${place}: ${account} authorised the relayer ${address} until ${isoOf(authorised)}, and it is needed until ${isoOf(until)}. ${how}`,
    );
  }
  return address;
}

/** Says in `extensions` which relayer it is about, so that clients can lead to where it is authorised. */
function unauthorised(relayer: Hex, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' satisfies ErrorCode, relayer } });
}
