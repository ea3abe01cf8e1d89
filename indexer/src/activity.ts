import { activity } from 'ponder:schema';
import type { Hex } from 'viem';
import { type Acting, seeAccounts } from './accounts.ts';
import { eventInputs } from './contracts.ts';
import { type Facet, facets } from './facets.ts';
import type { LogName, Occurrence, Place } from './occurrence.ts';
import {
  bumpDatanet,
  bumpModel,
  bumpProtocol,
  type DatanetDelta,
  type ModelDelta,
  type ProtocolDelta,
} from './rollups.ts';

/** Proof that an event stands in the activity log. */
export type Recorded = { readonly recorded: string };

/** What an event adds to the rollups, beyond being an event. */
export type Counts = {
  protocol?: ProtocolDelta;
  /** By default the datanet that the event names, if it names one. */
  datanets?: ReadonlyMap<bigint, DatanetDelta>;
  /** Accounts that submit to a datanet for the first time in the hour, and in the day. */
  contributors?: { hour: number; day: number };
  /** By default the model that the event names, if it names one. */
  models?: ReadonlyMap<bigint, ModelDelta>;
};

/** An event's arguments by name, whichever event it is. */
type Arguments = Readonly<Record<string, unknown>>;

/** What an event is about beyond its subject. */
type About = { readonly datanetId: bigint | null; readonly modelId: bigint | null };

/** Appends an event to the activity log, and nothing else. */
export const append = async (
  e: Place & { args: unknown },
  { subject }: Facet,
  actor: Hex,
  about: About = { datanetId: null, modelId: null },
): Promise<Recorded> => {
  const args = e.args as Arguments;
  const [subjectType, subjectArgument] = subject;
  await e.db.insert(activity).values({
    id: e.id,
    chainId: e.chainId,
    block: e.block,
    timestamp: e.timestamp,
    txHash: e.txHash,
    logIndex: e.logIndex,
    contract: e.contract,
    contractName: e.contractName,
    event: e.event,
    actor,
    subjectType,
    subjectId: subjectArgument === '@contract' ? e.contract : String(args[subjectArgument]),
    ...about,
    args: JSON.stringify(toJson(args)),
  });
  return { recorded: e.id };
};

/** Appends an event to the activity log, sees the accounts it names, and counts it in every rollup it belongs to. */
export const record = async <name extends LogName>(e: Occurrence<name>, counts: Counts = {}): Promise<Recorded> => {
  const args = e.args as Arguments;
  const facet: Facet = facets[e.name];
  const acting = actingIn(e, facet, args);
  const recorded = await append(e, facet, acting[0]?.[0] ?? e.sender, aboutOf(args, counts));

  const { newAccounts, activeThisHour, activeThisDay } = await seeAccounts(e, acting, namedAccounts(e, args));
  const protocol = { ...counts.protocol, events: 1, newAccounts };
  await bumpProtocol(
    e,
    { ...protocol, activeAccounts: activeThisHour },
    { ...protocol, activeAccounts: activeThisDay },
  );
  const { hour, day } = counts.contributors ?? { hour: 0, day: 0 };
  for (const [id, delta] of counts.datanets ?? named(args.datanetId)) {
    await bumpDatanet(e, id, { ...delta, events: 1, contributors: hour }, { ...delta, events: 1, contributors: day });
  }
  for (const [id, delta] of counts.models ?? named(args.modelId)) await bumpModel(e, id, { ...delta, events: 1 });
  return recorded;
};

/** A contribution's events name its datanet where they do not carry it: by what they count there. */
const aboutOf = (args: Arguments, { datanets }: Counts): About => ({
  datanetId: idIn(args.datanetId) ?? ('contributionId' in args ? ([...(datanets?.keys() ?? [])][0] ?? null) : null),
  modelId: idIn(args.modelId),
});

const idIn = (id: unknown): bigint | null => (typeof id === 'bigint' ? id : null);

/** The first is the event's actor. */
const actingIn = (e: Occurrence, facet: Facet, args: Arguments): Acting => {
  const actor = facet.actor === undefined ? e.sender : (args[facet.actor] as Hex);
  const others = (facet.also ?? [])
    .map(([argument, role]) => [args[argument] as Hex, role] as const)
    .filter(([address]) => address !== actor);
  return [[actor, facet.role], ...others];
};

/** Addresses, and lists of them. */
const namedAccounts = (e: Occurrence, args: Arguments): readonly Hex[] => {
  const accounts: Hex[] = [];
  for (const { name, isAddress } of eventInputs(e.contractName, e.event)) {
    if (isAddress) accounts.push(...([args[name]].flat() as Hex[]));
  }
  return accounts;
};

const named = (id: unknown): ReadonlyMap<bigint, Record<string, never>> =>
  new Map(typeof id === 'bigint' ? [[id, {}]] : []);

/** Integers of every width become decimal strings. */
const toJson = (value: unknown): unknown => {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toJson);
  const json: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) json[key] = toJson(item);
  return json;
};
