import type { VersionOnChain } from '@openledger/gpu-worker/attribution/version';
import { datanetTree, type Hex } from '@openledger/protocol';
import type { Findings } from './findings.ts';
import type { Sources } from './sources.ts';

type List = { readonly contributions?: readonly { readonly id: string; readonly contentHash: string }[] };

/** Whether the lists of the datanet versions that it was trained on come to their roots on chain. @throws DocumentError */
export const checkDatanets = async (
  { rows, documents }: Sources,
  findings: Findings,
  { datanets }: VersionOnChain,
): Promise<void> => {
  const begin = findings.wrongs();
  for (const { datanetId, version, dataRoot } of datanets) {
    const what = `version ${version} of datanet ${datanetId}`;
    const published = await rows.datanetVersion(BigInt(datanetId), version);
    findings.same(`the root of ${what}`, dataRoot, published?.dataRoot ?? 'none');
    const name = /0x[0-9a-f]{64}/.exec(published?.uri ?? '')?.[0] as Hex | undefined;
    if (name === undefined) {
      findings.unchecked(`the list of ${what}, which is at ${published?.uri}`);
      continue;
    }
    const { contributions = [] } = (await documents.loose(name, `the list of ${what}`)) as List;
    const held = contributions.map(({ id, contentHash }) => ({ contributionId: BigInt(id), contentHash }));
    findings.same(`the root of ${what}`, dataRoot, datanetTree(held).root);
  }
  findings.right(`${datanets.length} datanet versions`, begin);
};
