import { createHash } from 'node:crypto';
import type { Database } from '@openledger/db';
import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { enqueue, type RelayRequest, relayKey } from '../relay/index.ts';
import type { Contribution } from './contribution.ts';

type Signed = { readonly signature: Hex; readonly deadline: bigint } | null;
type Transaction = Pick<Database, 'insert' | 'select'>;

/** What the relayer is asked to do: as the contributor signed, or as it was authorised to. */
function requestOf(genesisHash: Hex, contribution: Contribution, signed: Signed): RelayRequest {
  const { contributor: account } = contribution;
  return signed === null
    ? { action: 'submitContributionFor', payload: contribution, genesisHash, account }
    : { action: 'submitContributionWithSignature', payload: { ...contribution, ...signed }, genesisHash, account };
}

/**
 * Hands a contribution to the relayer. Its key follows from what was signed, so the same is never sent twice; one that
 * failed before gets a new key when it is submitted again.
 * @returns the relayer's key for it
 */
export async function enqueueSubmission(
  tx: Transaction,
  {
    genesisHash,
    contribution,
    signed,
    verdictId,
  }: {
    readonly genesisHash: Hex;
    readonly contribution: Contribution;
    readonly signed: Signed;
    readonly verdictId: bigint;
  },
): Promise<string> {
  const request = requestOf(genesisHash, contribution, signed);
  const first = await enqueue(tx, request);
  if (first.taken || first.relay.state !== 'failed') return first.relay.idempotencyKey;
  const idempotencyKey = createHash('sha256')
    .update(`${relayKey(request)} ${verdictId}`)
    .digest('hex');
  return (await enqueue(tx, { ...request, idempotencyKey })).relay.idempotencyKey;
}

/**
 * Tries on the chain what the relayer is going to send, so that what would be refused there is refused here, with the reason.
 * @throws CONFLICT, NOT_CONFIGURED without a relayer, CHAIN_UNAVAILABLE
 */
export async function trySending(
  { protocol, relayer }: Pick<ApiContext, 'protocol' | 'relayer'>,
  contribution: Contribution,
  signed: Signed,
): Promise<void> {
  const { contributor, datanetId, contentHash, uri, licenseId, rows } = contribution;
  const args = [contributor, datanetId, contentHash, uri, licenseId, rows];
  const data =
    signed === null
      ? protocol.encode('DatanetRegistry', 'submitContributionFor', args)
      : protocol.encode('DatanetRegistry', 'submitContributionWithSignature', [
          ...args,
          signed.deadline,
          signed.signature,
        ]);
  const { refusal } = await protocol.simulate({ from: relayer(), to: protocol.addressOf('DatanetRegistry'), data });
  if (refusal === null) return;
  if (/^ERC20Insufficient/.test(refusal.name ?? '')) {
    throw userError(
      'CONFLICT',
      'submitContribution: the relayer cannot put up the bond of this datanet just now. Submit from your own wallet, or ask the operator of this API.',
    );
  }
  throw userError('CONFLICT', `submitContribution: the chain would refuse it: ${refusal.message}`);
}
