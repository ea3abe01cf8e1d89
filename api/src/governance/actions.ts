import type { Hex, ProposalAction } from '@openledger/db/chain';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';

const Action = builder.objectRef<ProposalAction>('ProposalAction').implement({
  description: 'A call that a proposal makes once it is executed.',
  fields: (t) => ({
    target: t.field({
      type: 'Address',
      description: 'The contract called.',
      resolve: ({ target }) => target.toLowerCase() as Hex,
    }),
    value: t.field({
      type: 'BigInt',
      description: 'Wei of the chain’s coin sent along.',
      resolve: ({ value }) => BigInt(value),
    }),
    signature: t.exposeString('signature', {
      description: 'The function’s signature where the proposal gave it apart.',
    }),
    calldata: t.field({
      type: 'Hex',
      description: 'The call’s data.',
      resolve: ({ calldata }) => calldata as Hex,
    }),
  }),
});

const actions = {
  type: [Action] as [typeof Action],
  description: 'The calls it makes once executed.',
  select: { columns: { actions: true } },
  resolve: ({ actions }: { actions: ProposalAction[] }) => actions,
} as const;

/** What a proposal would do. */
export const actionsField: FieldsOf<'proposal'> = (t) => ({ actions: t.field(actions) });

/** What a proposal to the published governor would do. */
export const publishedActionsField: FieldsOf<'publishedProposal'> = (t) => ({ actions: t.field(actions) });
