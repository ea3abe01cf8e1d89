import { id } from 'ethers';
import type { Hex } from './hex.ts';

/** A record from each name to keccak256 of the name, as the contracts derive their role and parameter ids. */
function idsOf<Name extends string>(...names: readonly Name[]): { readonly [N in Name]: Hex } {
  return Object.fromEntries(names.map((name) => [name, id(name) as Hex])) as Record<Name, Hex>;
}

/** Access roles of all contracts (OpenZeppelin AccessControl). `DEFAULT_ADMIN_ROLE` is zero; the timelock holds it. */
export const accessRoles = {
  DEFAULT_ADMIN_ROLE: `0x${'0'.repeat(64)}` as Hex,
  ...idsOf(
    'GUARDIAN_ROLE',
    'BONDER_ROLE',
    'SLASHER_ROLE',
    'REWARDER_ROLE',
    'RESOLVER_ROLE',
    'ARBITER_ROLE',
    'FUNDER_ROLE',
    'LEDGER_ROLE',
    'EVALUATOR_ROLE',
    'PROPOSER_ROLE',
    'EXECUTOR_ROLE',
    'CANCELLER_ROLE',
  ),
} as const;

/** What a stake is for (`RoleStaked.role`). A disputer's is a bond. */
export const stakeRoles = idsOf('CONTRIBUTOR', 'VALIDATOR', 'WORKER', 'DISPUTER');

export type AccessRole = keyof typeof accessRoles;
export type StakeRole = keyof typeof stakeRoles;

/** The name of an access role's id; undefined for an unknown id. */
export const accessRoleName = nameIn(accessRoles);

/** The name of a stake role's id; undefined for an unknown id. */
export const stakeRoleName = nameIn(stakeRoles);

function nameIn<Name extends string>(ids: Readonly<Record<Name, Hex>>): (roleId: string) => Name | undefined {
  const names = new Map((Object.entries(ids) as [Name, Hex][]).map(([name, roleId]) => [roleId as string, name]));
  return (roleId) => names.get(roleId.toLowerCase());
}
