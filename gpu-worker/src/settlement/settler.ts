import type { Hex } from '@openledger/protocol';
import { type Regularly, regularly } from '../serving/regularly.ts';
import { type CollectingFigures, createCollecting } from './collecting.ts';
import { createFinalising, type FinalisingFigures } from './finalising.ts';
import { createPosting, type PostingFigures } from './posting/index.ts';
import { alone, createTurn, inOrder, type TurnOptions } from './turn.ts';

export type SettlerOptions = TurnOptions & {
  /** Addresses of the InferenceEscrow and the AttributionLedger contracts. */
  readonly escrow: Hex;
  readonly ledger: Hex;
  /** Wei of OPEN that are settled at once; 10^18 without it. */
  readonly enough?: bigint;
  /** Seconds that an answer waits at most; 300 without it. */
  readonly patience?: number;
  /** Seconds before a voucher's end at which its answers are settled whatever they come to; 600 without it. */
  readonly margin?: number;
  /** Answers of a call; 64 without it. */
  readonly most?: number;
  /** Seconds that the receipt of a settled answer waits for others to be posted with; 600 without it. */
  readonly receiptPatience?: number;
  /** Receipts of a batch, at most 256; 64 without it. */
  readonly mostReceipts?: number;
  /** Milliseconds between two looks; 15,000 without it. */
  readonly everyMs?: number;
};

export type SettlerFigures = CollectingFigures & PostingFigures & FinalisingFigures;

export type Settler = {
  readonly figures: () => SettlerFigures;
  /** Looks, and does what is due. */
  readonly now: () => Promise<void>;
  /** Ends; what is under way is found again at the next start. */
  readonly stop: () => Promise<void>;
};

/**
 * Collects what a worker's answers cost, says in attribution batches what they drew on, and makes these final once nobody
 * may challenge them any more. It remembers nothing: what is due follows from the database, and whether it was done from
 * the contracts themselves, so that a process which dies anywhere loses nothing and does nothing twice. One process at a
 * time settles for a worker: a key has one sequence of nonces.
 */
export const createSettler = (options: SettlerOptions): Settler => {
  const { sql, genesisHash, log } = options;
  const stopping = new AbortController();
  const turn = createTurn(options, stopping.signal);
  const collecting = createCollecting(turn, {
    escrow: options.escrow,
    enough: options.enough ?? 10n ** 18n,
    patience: options.patience ?? 300,
    margin: options.margin ?? 600,
    most: options.most ?? 64,
  });
  const posting = createPosting(turn, {
    ledger: options.ledger,
    patience: options.receiptPatience ?? 600,
    most: options.mostReceipts ?? 64,
  });
  const finalising = createFinalising(turn, { ledger: options.ledger, worker: turn.account, grace: 0 });
  let told = '';

  /** What waits is said once, as long as it stays the same. */
  const tell = () => {
    const { waiting, lost } = collecting.figures();
    const { unposted } = posting.figures();
    const { unfinal } = finalising.figures();
    const state = JSON.stringify([waiting, lost.map(({ why, answers }) => [why, answers]), unposted, unfinal]);
    if (state !== told && state !== '[{},[],{},{}]') {
      const written = lost.map(({ fees, ...each }) => ({ ...each, fees: `${fees}` }));
      log.warn({ waiting, lost: written, unposted, unfinal }, 'answers are not paid, or not yet');
    }
    told = state;
  };
  const round = async (): Promise<void> => {
    const isAlone = await alone(sql, `settler ${genesisHash} ${turn.account}`, () =>
      inOrder([collecting.look, posting.look, finalising.look]),
    );
    if (isAlone) tell();
  };

  const rounds: Regularly = regularly(options.everyMs ?? 15_000, round, (error) => {
    if (error === undefined) log.info('answers can be settled again');
    else log.warn({ why: error.message }, 'answers cannot be settled now; it is tried again');
  });
  return {
    figures: () => ({ ...collecting.figures(), ...posting.figures(), ...finalising.figures() }),
    now: rounds.now,
    stop: async () => {
      stopping.abort();
      await rounds.stop();
    },
  };
};
