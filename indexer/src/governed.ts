import { parameter, pauseState, roleMember } from 'ponder:schema';
import type { Hex } from 'viem';
import { constantName } from './contracts.ts';
import type { Occurrence } from './occurrence.ts';
import { created, updated } from './provenance.ts';

/** Notes the present value of a number that governance sets. */
export const setParameter = async (e: Occurrence, key: string, name: string, value: bigint) => {
  await e.db
    .insert(parameter)
    .values({ contract: e.contract, contractName: e.contractName, key, name, value, ...created(e) })
    .onConflictDoUpdate({ value, ...updated(e) });
};

/** Notes that an account has a role of a contract, or no longer has it. */
export const setRole = async (e: Occurrence, roleId: Hex, account: Hex, active: boolean) => {
  const role = constantName(roleId);
  await e.db
    .insert(roleMember)
    .values({ contract: e.contract, contractName: e.contractName, roleId, role, account, active, ...created(e) })
    .onConflictDoUpdate({ active, ...updated(e) });
};

/** Notes whether a contract is paused. */
export const setPaused = async (e: Occurrence, paused: boolean) => {
  await e.db
    .insert(pauseState)
    .values({ contract: e.contract, contractName: e.contractName, paused, ...created(e) })
    .onConflictDoUpdate({ paused, ...updated(e) });
};
