import type { Hex } from '@openledger/db/chain';
import { datanetRegistryAbi, openAbi, stakeManagerAbi } from '@openledger/protocol/abi';
import { decodeErrorResult, hexToString } from 'viem/utils';

/**
 * Why a contract refused: `action` when it is the action's own fault, `operator` when the relayer lacks something, `later`
 * when nobody can be served now. Only an action of its own fault has failed; others wait.
 */
export type Refusal = { readonly fault: 'action' | 'operator' | 'later'; readonly reason: string };

type Words = (...args: never[]) => string;

const statusNames = ['unknown', 'pending', 'accepted', 'rejected', 'withdrawn or revoked'];
const datanetStatusNames = ['unknown', 'active', 'paused', 'archived'];
const at = (seconds: bigint) => new Date(Number(seconds) * 1000).toISOString();
const named = (names: readonly string[], index: number) => names[index] ?? `of status ${index}`;

/** What each error means, in plain words. */
const words: Readonly<Record<string, Words>> = {
  UnknownDatanet: (id: bigint) => `There is no datanet ${id}.`,
  UnknownContribution: (id: bigint) => `There is no contribution ${id}.`,
  DatanetNotActive: (id: bigint, status: number) =>
    `Datanet ${id} takes no contributions: it is ${named(datanetStatusNames, status)}.`,
  DuplicateContent: (id: bigint, _hash: Hex, existing: bigint) =>
    `Datanet ${id} has this content already: contribution ${existing}.`,
  EmptyContribution: () => 'The contribution is empty: its content hash or its number of rows is zero.',
  TooManyRows: (rows: bigint, maximum: bigint) => `The contribution has ${rows} rows; at most ${maximum} are taken.`,
  NotRelayer: (account: string, relayer: string) =>
    `${account} has not authorised ${relayer} as its relayer, or the authorisation has run out.`,
  ExpiryInPast: (expiresAt: bigint) => `The authorisation would end in the past, at ${at(expiresAt)}.`,
  SignatureExpired: (deadline: bigint) => `The signature ran out at ${at(deadline)}. Sign again.`,
  InvalidSignature: (signer: string) =>
    `The signature is not ${signer}'s for this message on this chain, or its nonce has been used.`,
  NotValidator: (id: bigint, account: string) => `${account} is not a validator of datanet ${id}.`,
  OwnContribution: (id: bigint, account: string) =>
    `${account} has a part in contribution ${id} and may not review it.`,
  NotPending: (id: bigint, status: number) =>
    `Contribution ${id} is no longer under review: it is ${named(statusNames, status)}.`,
  NotAccepted: (id: bigint, status: number) =>
    `Contribution ${id} cannot be taken back: it is ${named(statusNames, status)}.`,
  CommitClosed: (id: bigint) =>
    `Contribution ${id} takes no more reviews: its quorum is full or its window has passed.`,
  AlreadyCommitted: (id: bigint, validator: string) =>
    `${validator} has reviewed contribution ${id} already, with another score.`,
  EmptyCommitment: () => 'The commitment is empty.',
  RevealClosed: (id: bigint) => `Scores of contribution ${id} cannot be revealed now: its window is not open.`,
  CommitmentMismatch: (id: bigint, validator: string) =>
    `The score, evidence and salt are not what ${validator} committed to for contribution ${id}.`,
  ScoreAboveOne: (score: bigint) => `The score ${score} is above one (10^18).`,
  ReviewIncomplete: (id: bigint) => `Contribution ${id} cannot be decided yet: its quorum has not revealed its scores.`,
  ReviewUnderWay: (id: bigint) => `Contribution ${id} is being reviewed and cannot be taken back now.`,
  NotContributor: (id: bigint, account: string) =>
    `${account} may not take back contribution ${id}: it is not the contributor, nor authorised by it.`,
  EnforcedPause: () => 'The protocol is paused.',
  ERC20InsufficientAllowance: (spender: string, allowance: bigint, needed: bigint) =>
    `The relayer allows ${spender} ${allowance} wei of OPEN for bonds; ${needed} are needed.`,
  ERC20InsufficientBalance: (account: string, balance: bigint, needed: bigint) =>
    `${account} has ${balance} wei of OPEN; a bond of ${needed} is needed.`,
  Error: (message: string) => message,
};

const faults: Readonly<Record<string, Refusal['fault']>> = {
  EnforcedPause: 'later',
  ERC20InsufficientAllowance: 'operator',
  ERC20InsufficientBalance: 'operator',
};

const abi = [...datanetRegistryAbi, ...stakeManagerAbi, ...openAbi].filter(({ type }) => type === 'error');

/** Reads what a call of the DatanetRegistry reverted with. */
export function refusalOf(revert: Hex): Refusal {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi, data: revert }) as {
      errorName: string;
      args?: readonly unknown[];
    };
    const say = words[errorName];
    const reason = say
      ? say(...(args as never[]))
      : `The contract refused: ${errorName}(${args.map(String).join(', ')}).`;
    return { fault: faults[errorName] ?? 'action', reason };
  } catch {
    const text = revert === '0x' ? 'without a reason' : `with ${revert.slice(0, 74)}`;
    return { fault: 'action', reason: `The contract refused ${text}${printable(revert)}.` };
  }
}

function printable(revert: Hex): string {
  const text = revert.length > 2 ? hexToString(revert).replace(/[^\x20-\x7e]/g, '') : '';
  return text.length > 8 ? ` (${text.slice(0, 100)})` : '';
}
