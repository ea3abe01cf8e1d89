import { id } from 'ethers';
import type { Call } from './chain.ts';
import type { Content } from './contents.ts';
import type { Contracts } from './contracts.ts';
import type { Library } from './library.ts';
import { type PersonaName, persona } from './personas.ts';
import type { Reviewer } from './reviewer.ts';
import type { World } from './world.ts';

/** Something a persona wants to do now. */
export type Intent = {
  readonly by: PersonaName;
  /** Transactions, in order. */
  readonly calls: readonly Call[];
  /** What is kept off chain before anything is sent. */
  readonly contents?: readonly Content[];
  /** For the log, once it has happened: "ada opened TypeScript Handbook". */
  readonly say: string;
  /** Says it better afterwards, from what came of it. */
  readonly tell?: (world: World) => string | undefined;
  /** Names the deed: what has failed under this name is not tried again. */
  readonly key: string;
};

/** What personas decide from: the chain's state, the time, and chance that is the same at every start. */
export type Scene = {
  readonly world: World;
  readonly contracts: Contracts;
  readonly library: Library;
  readonly reviewer: Reviewer;
  /** Unix seconds. */
  readonly now: number;
  /** Days since genesis. */
  readonly day: number;
  /** Days since the last occasion to act. */
  readonly gap: number;
  /** In live play whoever can act is willing to; only the pace holds them back. */
  readonly live: boolean;
};

export type Policy = (scene: Scene) => readonly Intent[];

export const days = 86_400;

/** A number from 0 to 1 that depends on nothing but its keys. */
export function chance(...keys: readonly (string | number | bigint)[]): number {
  return Number.parseInt(id(keys.join('/')).slice(2, 14), 16) / 2 ** 48;
}

/** This moment as a key of chance: seconds since genesis, so that the story is the same whenever it begins. */
export const moment = ({ day }: Pick<Scene, 'day'>): number => Math.round(day * days);

/** Whether something happens at this moment that happens `perDay` times a day on average. */
export function happens(scene: Scene, perDay: number, ...keys: readonly (string | bigint)[]): boolean {
  return scene.live || chance(moment(scene), ...keys) < 1 - Math.exp(-perDay * scene.gap);
}

export function balanceOf(world: World, name: PersonaName): bigint {
  return world.balances.get(persona(name).address) ?? 0n;
}

/** A call of a core contract. Gas limits are generous: nothing here estimates. */
export function call(
  contracts: Contracts,
  contract: Parameters<Contracts['at']>[0],
  name: string,
  args: readonly unknown[],
  gas = 300_000n,
): Call {
  return { to: contracts.at(contract), data: contracts.encode(contract, name, args), gas };
}
