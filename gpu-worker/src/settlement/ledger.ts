import type { Hex } from '@openledger/protocol';
import { attributionLedgerAbi } from '@openledger/protocol/abi';
import type { Payment } from '@openledger/protocol/attribution';
import { Contract, type InterfaceAbi, type Provider } from 'ethers';
import { type Estimate, estimateCall } from './estimate.ts';

/** How one request's contributors' part is divided. */
export type Attribution = { readonly requestId: Hex } & Payment;

/** What `postBatch` takes. */
export type NewBatch = {
  readonly worker: Hex;
  readonly algorithmId: Hex;
  /** Merkle root over the receipts' hashes. */
  readonly root: Hex;
  readonly evidenceHash: Hex;
  readonly uri: string;
  readonly attributions: readonly Attribution[];
};

/** The chain's own word about attributions, and calls that make some. */
export type Ledger = {
  /** Whether a batch that was not revoked carries the request. */
  readonly isAttributed: (requestId: Hex) => Promise<boolean>;
  readonly encodePost: (batch: NewBatch) => Hex;
  readonly encodeFinalise: (batchId: bigint) => Hex;
  /** @throws when no node answers */
  readonly estimate: (data: Hex) => Promise<Estimate>;
};

/** `BatchStatus.Revoked` */
const revoked = 3n;

export const openLedger = (provider: Provider, { ledger, account }: { ledger: Hex; account: Hex }): Ledger => {
  const contract = new Contract(ledger, attributionLedgerAbi as unknown as InterfaceAbi, provider);
  const view = (name: string) => contract.getFunction(name);
  const encode = (name: string, args: readonly unknown[]) => contract.interface.encodeFunctionData(name, args) as Hex;
  return {
    isAttributed: async (requestId) => {
      const batchId = (await view('batchOf')(requestId)) as bigint;
      if (batchId === 0n) return false;
      return ((await view('batch')(batchId)) as { status: bigint }).status !== revoked;
    },
    encodePost: ({ worker, algorithmId, root, evidenceHash, uri, attributions }) =>
      encode('postBatch', [worker, algorithmId, root, evidenceHash, uri, attributions]),
    encodeFinalise: (batchId) => encode('finalizeBatch', [batchId]),
    estimate: (data) => estimateCall(provider, { from: account, to: ledger, data }),
  };
};
