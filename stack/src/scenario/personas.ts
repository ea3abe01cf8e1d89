import { developmentAccounts } from '@openledger/protocol/chain';

/** What a persona mostly does. One account may do more than its role says. */
export type PersonaRole =
  | 'deployer'
  | 'liquidity'
  | 'community'
  | 'investors'
  | 'team'
  | 'ecosystem'
  | 'guardian'
  | 'root proposer'
  | 'evaluator'
  | 'datanet owner'
  | 'validator'
  | 'contributor'
  | 'builder'
  | 'relayer'
  | 'operator'
  | 'asker';

export type PersonaName = (typeof cast)[number][0];

export type Persona = {
  readonly name: PersonaName;
  readonly role: PersonaRole;
  /** What the account is there for, in a few words for a printed table. */
  readonly does: string;
  /** Which of the development accounts it is. */
  readonly index: number;
  readonly address: `0x${string}`;
};

const cast = [
  ['deployer', 'deployer', 'puts the contracts on the chain, then holds no role'],
  ['lior', 'liquidity', 'holds 50,000,000 OPEN at genesis and hands it out'],
  ['carla', 'community', 'receives the community vesting, votes with a part of it'],
  ['ines', 'investors', 'waits behind the investors’ cliff'],
  ['tomas', 'team', 'waits behind the team’s cliff'],
  ['elif', 'ecosystem', 'receives the ecosystem vesting and pays grants'],
  ['gus', 'guardian', 'can pause, and revoke a reward root that waits'],
  ['rhea', 'root proposer', 'proposes the reward roots of closed epochs'],
  ['evan', 'evaluator', 'may record evaluations of any model'],
  ['ada', 'datanet owner', 'runs the TypeScript Handbook datanet'],
  ['bruno', 'datanet owner', 'runs the Solidity & Smart Contracts datanet'],
  ['clio', 'datanet owner', 'runs the Licence Texts datanet'],
  ['dmitri', 'datanet owner', 'runs the Node Operations datanet'],
  ['edda', 'datanet owner', 'runs the private Database Internals datanet'],
  ['vera', 'validator', 'scores contributions, strict on prose'],
  ['viktor', 'validator', 'scores contributions, strict on repetition'],
  ['yuki', 'validator', 'scores contributions, lenient on short texts'],
  ['fay', 'contributor', 'contributes from the first week'],
  ['gil', 'contributor', 'contributes from the first week, leaves early'],
  ['hana', 'contributor', 'contributes, joins in the second week'],
  ['ivan', 'contributor', 'contributes carelessly, joins in the second week'],
  ['jun', 'contributor', 'contributes, joins in the third week'],
  ['kofi', 'contributor', 'contributes through a relayer, joins in the third week'],
  ['lena', 'contributor', 'contributes, joins in the fourth week'],
  ['moira', 'contributor', 'contributes, joins in the fifth week'],
  ['nora', 'builder', 'registers models on the public datanets'],
  ['omar', 'builder', 'registers a model, asks for the private datanet'],
  ['rio', 'relayer', 'submits for accounts that allowed it'],
  ['odile', 'operator', 'runs the model worker, and says what it serves'],
  ['pia', 'asker', 'asks models about types and servers, and pays'],
  ['sol', 'asker', 'asks models about contracts, and pays'],
  ['tess', 'asker', 'asks models about licences and operations, and pays'],
] as const satisfies readonly (readonly [string, PersonaRole, string])[];

const accounts = developmentAccounts(cast.length);

/** Who is who on the local chain, in the order of their accounts. */
export const personas: readonly Persona[] = cast.map(([name, role, does], index) => ({
  name,
  role,
  does,
  index,
  address: accounts[index]!.address,
}));

const byName = new Map(personas.map((each) => [each.name, each]));
const byAddress = new Map(personas.map((each) => [each.address.toLowerCase(), each]));

export function persona(name: PersonaName): Persona {
  return byName.get(name)!;
}

/** The persona behind an address, in any letter case; undefined for a stranger. */
export function personaAt(address: string): Persona | undefined {
  return byAddress.get(address.toLowerCase());
}

/** The publicly known private key of a persona's account. */
export function personaKey(name: PersonaName): string {
  return accounts[persona(name).index]!.privateKey;
}

export function personasWith(role: PersonaRole): readonly Persona[] {
  return personas.filter((each) => each.role === role);
}
