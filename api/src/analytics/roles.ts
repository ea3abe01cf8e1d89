import { builder } from '../schema/builder.ts';

/** As what an account acts; as the index writes it. */
export const roles = {
  builder: 'Registers, prices or publishes models, or asks for access to datanets.',
  contributor: 'Submits contributions, allows relayers to, or claims rewards.',
  datanet_owner: 'Owns a datanet: sets it up, publishes versions, grants access.',
  disputer: 'Raises or counters disputes.',
  holder: 'Moves or allows to move OPEN or GOPEN.',
  payer: 'Pays for answers.',
  proposer: 'Proposes to governance.',
  relayer: 'Sends contributions for others.',
  staker: 'Stakes or withdraws OPEN.',
  validator: 'Scores contributions.',
  voter: 'Votes, or delegates votes.',
  worker: 'Serves models, or posts attributions.',
} as const;
export type Role = keyof typeof roles;

/** Those that build: data, models, and what serves them. */
export const developerRoles: readonly Role[] = ['builder', 'contributor', 'datanet_owner', 'validator', 'worker'];

export const AccountRole = builder.enumType('AccountRole', {
  description: 'As what an account acts, by the events it causes.',
  values: Object.fromEntries(
    Object.entries(roles).map(([value, description]) => [value.toUpperCase(), { value: value as Role, description }]),
  ) as Record<Uppercase<Role>, { value: Role; description: string }>,
});
