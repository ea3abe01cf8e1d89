import { enqueue, type RelayRow } from '@openledger/api/relay';
import type { Hex } from '@openledger/db/chain';
import { signMessage } from '@openledger/protocol';
import { id, type Wallet } from 'ethers';
import { contentOf, type Ground } from './ground.ts';

/** Longer than any test, by a chain's clock. */
const deadline = 10_000_000_000n;

type Options = { readonly datanetId?: bigint; readonly deadline?: bigint; readonly notBefore?: Date };

/** Signs a contribution and hands it to the relayer. */
export async function contribute(ground: Ground, who: Wallet, name: string, options: Options = {}): Promise<RelayRow> {
  const { db, manifest } = ground;
  const contributor = who.address.toLowerCase() as Hex;
  const content = {
    contributor,
    datanetId: options.datanetId ?? ground.datanetId,
    contentHash: contentOf(name),
    uri: `ipfs://${name}`,
    licenseId: id('MIT') as Hex,
    rows: 1n,
    deadline: options.deadline ?? deadline,
  };
  const scope = { chainId: manifest.chainId, verifyingContract: manifest.contracts.DatanetRegistry };
  const signature = await signMessage(who, 'Contribution', scope, content);
  const { relay } = await enqueue(db, {
    action: 'submitContributionWithSignature',
    payload: { ...content, signature },
    genesisHash: manifest.genesisHash,
    account: contributor,
    ...(options.notBefore && { notBefore: options.notBefore }),
  });
  return relay;
}
