import { prepareField } from './field.ts';

const relayer = { type: 'Address', description: 'The relayer; the one of this API, when left out.' } as const;

prepareField(
  'prepareAuthorizeRelayer',
  'Lets a relayer submit and review in one’s name until a time. By signature, without a transaction: authorizeRelayer.',
  (arg) => ({
    relayer: arg(relayer),
    expiresAt: arg({ type: 'DateTime', required: true, description: 'Until when.' }),
  }),
  ({ relayer, expiresAt }, _from, context) => {
    const whom = relayer ?? context.relayer();
    return {
      contract: 'DatanetRegistry',
      functionName: 'authorizeRelayer',
      args: [whom, expiresAt],
      summary: `Let ${whom} submit and review in one’s name until ${new Date(Number(expiresAt) * 1000).toISOString()}.`,
    };
  },
);

prepareField(
  'prepareRevokeRelayer',
  'Takes that back. By signature, without a transaction: revokeRelayer.',
  (arg) => ({ relayer: arg(relayer) }),
  ({ relayer }, _from, context) => {
    const whom = relayer ?? context.relayer();
    return {
      contract: 'DatanetRegistry',
      functionName: 'revokeRelayer',
      args: [whom],
      summary: `Let ${whom} do nothing in one’s name any more.`,
    };
  },
);
