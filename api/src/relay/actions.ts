import type { Hex } from '@openledger/db/chain';
import { datanetRegistryAbi as abi } from '@openledger/protocol/abi';
import { encodeFunctionData } from 'viem/utils';
import { z } from 'zod';
import { address, bytes32, signature, uint } from './fields.ts';

/** Asks a view function of the DatanetRegistry at the block that is looked at. */
export type Look = (view: string, args: readonly unknown[]) => Promise<unknown>;

type Action<Schema extends z.ZodType> = {
  /** What is needed to do it; integers lie in Postgres as decimal digits. */
  readonly payload: Schema;
  /** The arguments of the contract's function of the same name. */
  readonly args: (payload: z.output<Schema>) => readonly unknown[];
  /** Whether the chain shows its effect already, whoever sent it. Asked when it would be refused now. */
  readonly isDone: (payload: z.output<Schema>, look: Look) => Promise<boolean>;
};
const action = <Schema extends z.ZodType>(definition: Action<Schema>) => definition;

const contribution = {
  contributor: address,
  datanetId: uint(256),
  contentHash: bytes32,
  uri: z.string().max(2048),
  licenseId: bytes32,
  rows: uint(64),
};
const contributionArgs = (p: z.output<z.ZodObject<typeof contribution>>) =>
  [p.contributor, p.datanetId, p.contentHash, p.uri, p.licenseId, p.rows] as const;

/** As the contract numbers them. */
const status = { pending: 1, accepted: 2, rejected: 3, revoked: 4 };
/** What a commitment is replaced with when its score is revealed. */
const REVEALED = `0x${'0'.repeat(63)}1`;

type OnChain = { readonly contributor: string; readonly status: number };
const contributionAt = (look: Look, id: bigint) => look('contribution', [id]) as Promise<OnChain>;
const commitmentAt = (look: Look, id: bigint, validator: string) =>
  look('commitments', [id, validator]) as Promise<string>;

/** The contributor's own: somebody else may have been first with the same content. */
async function isSubmitted(p: z.output<z.ZodObject<typeof contribution>>, look: Look): Promise<boolean> {
  const id = (await look('contributionOf', [p.datanetId, p.contentHash])) as bigint;
  if (id === 0n) return false;
  return (await contributionAt(look, id)).contributor.toLowerCase() === p.contributor;
}

/** A message's nonce is used once, so what it asked for stands as long as nothing later changed it. */
async function isUsed(account: string, nonce: bigint, look: Look): Promise<boolean> {
  return ((await look('nonces', [account])) as bigint) > nonce;
}
const relayerUntil = (look: Look, account: string, relayer: string) =>
  look('relayerUntil', [account, relayer]) as Promise<bigint>;

/** Everything a relayer sends: functions of the DatanetRegistry, by their names. */
export const actions = {
  submitContributionWithSignature: action({
    payload: z.object({ ...contribution, deadline: uint(256), signature }),
    args: (p) => [...contributionArgs(p), p.deadline, p.signature],
    isDone: isSubmitted,
  }),
  submitContributionFor: action({
    payload: z.object(contribution),
    args: contributionArgs,
    isDone: isSubmitted,
  }),
  authorizeRelayerWithSignature: action({
    payload: z.object({
      account: address,
      relayer: address,
      expiresAt: uint(64),
      /** The one that was signed; the contract knows it by itself. */
      nonce: uint(256),
      deadline: uint(256),
      signature,
    }),
    args: (p) => [p.account, p.relayer, p.expiresAt, p.deadline, p.signature],
    isDone: async (p, look) =>
      (await isUsed(p.account, p.nonce, look)) && (await relayerUntil(look, p.account, p.relayer)) === p.expiresAt,
  }),
  revokeRelayerWithSignature: action({
    payload: z.object({ account: address, relayer: address, nonce: uint(256), deadline: uint(256), signature }),
    args: (p) => [p.account, p.relayer, p.deadline, p.signature],
    isDone: async (p, look) =>
      (await isUsed(p.account, p.nonce, look)) && (await relayerUntil(look, p.account, p.relayer)) === 0n,
  }),
  commitScoreFor: action({
    payload: z.object({ validator: address, contributionId: uint(256), commitment: bytes32 }),
    args: (p) => [p.validator, p.contributionId, p.commitment],
    isDone: async (p, look) =>
      [p.commitment, REVEALED].includes(await commitmentAt(look, p.contributionId, p.validator)),
  }),
  revealScoreFor: action({
    payload: z.object({
      validator: address,
      contributionId: uint(256),
      score: uint(64),
      evidenceHash: bytes32,
      salt: bytes32,
    }),
    args: (p) => [p.validator, p.contributionId, p.score, p.evidenceHash, p.salt],
    isDone: async (p, look) => (await commitmentAt(look, p.contributionId, p.validator)) === REVEALED,
  }),
  finalizeContribution: action({
    payload: z.object({ contributionId: uint(256) }),
    args: (p) => [p.contributionId],
    isDone: async (p, look) =>
      [status.accepted, status.rejected].includes((await contributionAt(look, p.contributionId)).status),
  }),
  withdrawContribution: action({
    payload: z.object({ contributionId: uint(256), reason: bytes32 }),
    args: (p) => [p.contributionId, p.reason],
    isDone: async (p, look) => (await contributionAt(look, p.contributionId)).status === status.revoked,
  }),
};

export type ActionName = keyof typeof actions;
export const actionNames = Object.keys(actions) as readonly ActionName[];
const isActionName = (name: string): name is ActionName => Object.hasOwn(actions, name);

/** What each action needs, integers as bigint. */
export type ActionPayload<Name extends ActionName = ActionName> = {
  [N in Name]: z.output<(typeof actions)[N]['payload']>;
}[Name];

/** An action as it lies in Postgres, made ready to be sent. */
export type Call = { readonly data: Hex; readonly isDone: (look: Look) => Promise<boolean> };

/** An action that does not exist, or a payload that does not fit it. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
}

/**
 * Checks a payload, of bigints or of what lies in Postgres.
 * @throws ActionError naming the field and what would be right.
 */
export function parsePayload<Name extends ActionName>(name: Name, payload: unknown): ActionPayload<Name> {
  const parsed = (actions[name].payload as unknown as z.ZodType<ActionPayload<Name>>).safeParse(payload);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'payload'} ${issue.message}`);
  throw new ActionError(`${name}: ${issues.join('; ')}`);
}

/** @throws ActionError when this version knows no such action, or the payload does not fit it. */
export function callOf(name: string, payload: unknown): Call {
  if (!isActionName(name)) throw new ActionError(`${name} is no action; there are ${actionNames.join(', ')}.`);
  const { args, isDone } = actions[name] as unknown as Action<z.ZodType>;
  const fields = parsePayload(name, payload);
  return { data: encode(name, args(fields)), isDone: (look) => isDone(fields, look) };
}

/** Calldata of a function of the DatanetRegistry. */
export function encode(functionName: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
}
