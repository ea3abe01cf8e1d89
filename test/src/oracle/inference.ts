import type { ChainEvent } from './event.ts';
import { change, created, type Fold, type Row, type State, stamped } from './state.ts';

/** InferenceEscrow: what payers put in and spend, what everyone earns, each settled answer and every fee split. */
export const inference: Fold = (state, event) => {
  const { tables } = state;
  switch (event.name) {
    case 'Deposited':
      return book(state, event, event.text('payer'), (row) => ({
        balance: row.balance + event.big('amount'),
        deposited: row.deposited + event.big('amount'),
      }));
    case 'WithdrawalRequested':
      return book(state, event, event.text('payer'), () => ({
        pendingWithdrawal: event.big('amount'),
        withdrawableAt: event.big('availableAt'),
      }));
    case 'Withdrawn':
      return book(state, event, event.text('payer'), (row) => ({
        balance: row.balance - event.big('amount'),
        withdrawn: row.withdrawn + event.big('amount'),
        pendingWithdrawal: 0n,
        withdrawableAt: 0n,
      }));
    case 'EarningsWithdrawn':
      return book(state, event, event.text('account'), (row) => ({
        earningsWithdrawn: row.earningsWithdrawn + event.big('amount'),
      }));
    case 'InferenceSettled':
      settle(state, event);
      return book(state, event, event.text('payer'), (row) => ({
        balance: row.balance - event.big('fee'),
        spent: row.spent + event.big('fee'),
      }));
    case 'FeeDistributed':
      return distribute(state, event);
    case 'FeeSplitUpdated':
      tables.feeSplit.put(
        {
          ...stamped(event),
          platformBps: event.int('platformBps'),
          modelBps: event.int('modelBps'),
          workerBps: event.int('workerBps'),
          stakersBps: event.int('stakersBps'),
          contributorsBps: event.int('contributorsBps'),
        },
        event.id,
      );
  }
};

/** Credits an account in the escrow; the contract books nothing, too. */
export function credit(state: State, event: ChainEvent, account: string, amount: bigint): void {
  book(state, event, account, ({ earned }) => ({ earned: earned + amount }));
}

function book(
  { tables }: State,
  event: ChainEvent,
  account: string,
  columns: (row: Row<'escrowAccount'>) => Partial<Row<'escrowAccount'>>,
): void {
  const row = tables.escrowAccount.open(
    () => ({
      account,
      balance: 0n,
      deposited: 0n,
      spent: 0n,
      withdrawn: 0n,
      pendingWithdrawal: 0n,
      withdrawableAt: 0n,
      earned: 0n,
      earningsWithdrawn: 0n,
      ...created(event),
    }),
    account,
  );
  change(row, event, columns(row));
}

function settle({ tables }: State, event: ChainEvent): void {
  tables.inference.put(
    {
      requestId: event.text('requestId'),
      eventId: event.id,
      modelId: event.big('modelId'),
      worker: event.text('worker'),
      payer: event.text('payer'),
      version: event.int('version'),
      inTokens: event.big('inTokens'),
      outTokens: event.big('outTokens'),
      fee: event.big('fee'),
      outputHash: event.text('outputHash'),
      // FeeDistributed follows in the same call.
      platformFee: 0n,
      modelFee: 0n,
      workerFee: 0n,
      stakersFee: 0n,
      contributorsFee: 0n,
      attributionStatus: 'none',
      batchId: null,
      unattributed: null,
      ...created(event),
    },
    event.text('requestId'),
  );
}

/** The three parts that the contract credits at once: to the treasury, the model's owner and the worker's operator. */
function distribute(state: State, event: ChainEvent): void {
  const { tables } = state;
  const row = tables.inference.get(event.text('requestId'));
  change(row, event, {
    platformFee: event.big('platform'),
    modelFee: event.big('model'),
    workerFee: event.big('worker'),
    stakersFee: event.big('stakers'),
    contributorsFee: event.big('contributors'),
  });
  credit(state, event, state.treasury, event.big('platform'));
  credit(state, event, tables.model.get(row.modelId).owner, event.big('model'));
  credit(state, event, tables.worker.get(row.worker).operator, event.big('worker'));
}
