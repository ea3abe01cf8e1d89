import type { ChainEvent } from './event.ts';
import { actorsOf } from './facets.ts';
import { change, created, type Fold, type State, zeroAddress } from './state.ts';
import { startOf } from './time.ts';

/**
 * Every account that an event names or that caused one, when it was first seen and last active, on which days it acted
 * as what; and who may submit for whom. The zero address is nobody.
 */
export const accounts: Fold = (state, event) => {
  const { tables } = state;
  const actors = actorsOf(event);
  for (const address of [...actors.map(({ account }) => account), ...event.addresses]) see(state, event, address);
  for (const { account, role } of actors) {
    const row = tables.account.find(account);
    if (row === undefined) continue;
    row.lastActiveAt = event.timestamp;
    row.events += 1;
    if (role === undefined) continue;
    const day = startOf('day', event.timestamp);
    tables.accountRoleDay.open(() => ({ account, role, day, events: 0 }), account, role, day).events += 1;
  }
  if (event.name === 'RelayerAuthorized') authorize(state, event, event.big('expiresAt'), true);
  if (event.name === 'RelayerRevoked') authorize(state, event, undefined, false);
};

function see({ tables }: State, { block, timestamp }: ChainEvent, address: string): void {
  if (address === zeroAddress) return;
  tables.account.open(
    () => ({ address, firstSeenBlock: block, firstSeenAt: timestamp, lastActiveAt: 0n, events: 0 }),
    address,
  );
}

/** A revoked authorization keeps the expiry it had. */
function authorize({ tables }: State, event: ChainEvent, expiresAt: bigint | undefined, active: boolean): void {
  const [account, relayer] = [event.text('account'), event.text('relayer')];
  const row = tables.relayerAuthorization.open(
    () => ({ account, relayer, expiresAt: 0n, active, ...created(event) }),
    account,
    relayer,
  );
  change(row, event, { active, ...(expiresAt !== undefined && { expiresAt }) });
}
