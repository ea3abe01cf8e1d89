import type { Call, Move, Outcome, Target } from '../call.ts';
import { type Invariant, Violation } from '../violation.ts';
import { datanetHandlers } from './datanets.ts';
import { disputeHandlers } from './disputes.ts';
import { escrowHandlers } from './escrow.ts';
import { governedHandlers, parameterHandlers } from './governed.ts';
import { ledgerHandlers } from './ledger.ts';
import { modelHandlers } from './models.ts';
import { multicall } from './multicall.ts';
import { gopenHandlers, openHandlers } from './open.ts';
import { rewardHandlers } from './rewards.ts';
import { stakeHandlers } from './stakes.ts';
import { type Handlers, Refused, rollBack, type Shadow } from './state.ts';

const tunedHandlers = (contract: Target): Handlers => ({
  ...governedHandlers(contract),
  ...parameterHandlers(contract),
});

const registryHandlers: Handlers = { ...tunedHandlers('DatanetRegistry'), ...datanetHandlers };

const handlers: Readonly<Record<Target, Handlers>> = {
  Open: openHandlers,
  GOPEN: gopenHandlers,
  StakeManager: { ...tunedHandlers('StakeManager'), ...stakeHandlers },
  DatanetRegistry: { ...registryHandlers, ...multicall(registryHandlers) },
  ModelRegistry: { ...governedHandlers('ModelRegistry'), ...modelHandlers },
  InferenceEscrow: { ...tunedHandlers('InferenceEscrow'), ...escrowHandlers },
  AttributionLedger: { ...tunedHandlers('AttributionLedger'), ...ledgerHandlers },
  RewardDistributor: { ...tunedHandlers('RewardDistributor'), ...rewardHandlers },
  DisputeResolver: { ...tunedHandlers('DisputeResolver'), ...disputeHandlers },
};

/** Every function the shadow foresees, as `[contract, function]`. */
export const modelled: readonly (readonly [Target, string])[] = (Object.keys(handlers) as Target[]).flatMap(
  (contract) => Object.keys(handlers[contract]).map((fn) => [contract, fn] as const),
);

/**
 * Holds what the chain did with a call against what the rules say, and lets the shadow follow.
 * @returns why the rules forbid the call, or undefined when they allow it.
 * @throws Violation when a forbidden call passed, an allowed one failed, or OPEN moved otherwise than it had to.
 */
export function follow(s: Shadow, call: Call, outcome: Outcome): Refused | undefined {
  const handler = handlers[call.contract][call.fn];
  if (!handler) throw new Error(`The shadow does not foresee ${call.contract}.${call.fn}.`);
  s.undo = [];
  s.moves = [];
  s.promise = 0;
  s.observed = outcome;
  try {
    handler(s, call.from, call.args, call);
  } catch (error) {
    rollBack(s);
    if (!(error instanceof Refused)) throw error;
    if (outcome.success) throw new Violation(error.invariant, `the call passed although ${error.message}.`);
    return error;
  }
  if (!outcome.success) {
    rollBack(s);
    throw new Violation(s.promise, 'the call failed although the rules allow it.', false);
  }
  if (sameMoves(s.moves, outcome.moves)) return undefined;
  throw new Violation(moneyInvariant(call), `OPEN moved ${show(outcome.moves)}, it had to move ${show(s.moves)}.`);
}

/** Moves of nothing count for nothing. */
function sameMoves(expected: readonly Move[], actual: readonly Move[]): boolean {
  return show(expected) === show(actual);
}

function show(moves: readonly Move[]): string {
  return `[${moves
    .filter(({ amount }) => amount !== 0n)
    .map(({ from, to, amount }) => `${amount} ${from} → ${to}`)
    .join(', ')}]`;
}

function moneyInvariant({ contract, fn }: Call): Invariant {
  if (contract === 'DisputeResolver' || fn === 'finalizeContribution') return 6;
  return fn === 'finalizeBatch' ? 4 : 2;
}
