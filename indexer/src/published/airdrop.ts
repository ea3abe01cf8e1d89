import { publishedAirdropClaim } from 'ponder:schema';
import { stamped } from '../provenance.ts';
import { onPublished, recordPublished } from './on.ts';

onPublished('L2Airdrop:AirdropClaimed', async (e) => {
  const { batch, account, amount } = e.args;
  await e.db
    .insert(publishedAirdropClaim)
    .values({ ...stamped(e), chainId: e.chainId, airdrop: e.contract, batch, account, amount });
  return recordPublished(e);
});
