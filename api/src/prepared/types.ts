import { builder } from '../schema/builder.ts';
import type { PreparedTransaction } from './transaction.ts';

export const PreparedTransactionType = builder.objectRef<PreparedTransaction>('PreparedTransaction').implement({
  description:
    'A transaction for a wallet to send as it is. Nothing here is sent by the API: read the summary, then sign.',
  fields: (t) => ({
    to: t.expose('to', { type: 'Address', description: 'The contract it calls.' }),
    data: t.expose('data', { type: 'Hex', description: 'Its calldata.' }),
    value: t.expose('value', { type: 'BigInt', description: 'Wei of the chain’s coin that it sends.' }),
    chainId: t.expose('chainId', { type: 'BigInt', description: 'The chain it is for; elsewhere it is worthless.' }),
    summary: t.exposeString('summary', { description: 'What it does, for the person who signs it.' }),
    warning: t.exposeString('warning', {
      nullable: true,
      description: 'Why the chain would refuse it now, with the contract’s own reason; null when it would pass.',
    }),
    gas: t.expose('gas', {
      type: 'BigInt',
      nullable: true,
      description: 'Gas it would take now; null when it would be refused or could not be tried.',
    }),
  }),
});

builder.objectField(PreparedTransactionType, 'approval', (t) =>
  t.field({
    type: PreparedTransactionType,
    nullable: true,
    description: 'What to send before it: the approval of OPEN that it takes. Null when none is missing.',
    resolve: ({ approval }) => approval,
  }),
);
