import { vestingRelease, vestingWallet } from 'ponder:schema';
import { type Hex, zeroAddress } from 'viem';
import { record } from '../activity.ts';
import { open, vesting } from '../deployment.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';

/** A wallet's owner is its beneficiary; the first transfer of ownership is its construction. */
on('VestingWallet:OwnershipTransferred', async (e) => {
  const schedule = vesting.get(e.contract);
  if (schedule === undefined) throw new Error(`${e.contract} is no vesting wallet of the deployment manifest`);
  const { name, start, cliff, end, allocation } = schedule;
  await e.db
    .insert(vestingWallet)
    .values({
      address: e.contract,
      beneficiary: e.args.newOwner,
      name,
      start,
      cliff,
      end,
      allocation,
      released: 0n,
      releases: 0,
      ...created(e),
    })
    .onConflictDoUpdate({ beneficiary: e.args.newOwner, ...updated(e) });
  return record(e);
});

/**
 * Anyone can have a wallet release any token, one of their own making too: only OPEN counts towards the allocation, or a
 * stranger could write any sum there, and one beyond 256 bits would stop the index.
 */
on('VestingWallet:ERC20Released', async (e) => {
  await release(e, e.args.token, e.args.amount);
  if (e.args.token.toLowerCase() === open) {
    await e.db
      .update(vestingWallet, { address: e.contract })
      .set((row) => ({ released: row.released + e.args.amount, releases: row.releases + 1, ...updated(e) }));
  }
  return record(e);
});

/** The chain's own coin: outside the wallet's allocation of OPEN. */
on('VestingWallet:EtherReleased', async (e) => {
  await release(e, zeroAddress, e.args.amount);
  return record(e);
});

const release = (e: Occurrence, token: Hex, amount: bigint) =>
  e.db.insert(vestingRelease).values({ ...stamped(e), wallet: e.contract, token, amount });
