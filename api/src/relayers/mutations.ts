import type { Hex } from '@openledger/db/chain';
import type { Message } from '@openledger/protocol';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import { write } from '../guard/writes.ts';
import { requireAccount } from '../identity/require-account.ts';
import { checkSignedBy, isoOf } from '../onchain/signed-by.ts';
import { type TypedData, TypedDataType, typedDataOf } from '../onchain/typed-data.ts';
import { enqueue } from '../relay/index.ts';
import { type RelayAction, RelayActionType } from '../relayed/action.ts';
import { builder } from '../schema/builder.ts';

/** Seconds that a signature is good for, when nobody says otherwise. */
const SIGNATURE_SECONDS = 3_600n;

type Intent = { readonly typedData: TypedData; readonly relayer: Hex; readonly deadline: bigint };

const IntentType = builder.objectRef<Intent>('RelayerIntent').implement({
  description: 'What an account signs to authorise a relayer, or to revoke it.',
  fields: (t) => ({
    typedData: t.field({
      type: TypedDataType,
      description: 'For the wallet to sign.',
      resolve: ({ typedData }) => typedData,
    }),
    relayer: t.expose('relayer', { type: 'Address', description: 'The relayer it is about.' }),
    deadline: t.expose('deadline', {
      type: 'DateTime',
      description: 'Until when the signature is good: give it back with the signature.',
    }),
  }),
});

const nonceOf = ({ protocol }: ApiContext, account: Hex) =>
  protocol.view<bigint>('DatanetRegistry', 'nonces', [account]);

async function authorizationOf(
  context: ApiContext,
  account: Hex,
  expiresAt: bigint,
  deadline: bigint,
): Promise<Message<'RelayerAuthorization'>> {
  return { account, relayer: context.relayer(), expiresAt, nonce: await nonceOf(context, account), deadline };
}

async function revocationOf(
  context: ApiContext,
  account: Hex,
  relayer: Hex | null | undefined,
  deadline: bigint,
): Promise<Message<'RelayerRevocation'>> {
  return { account, relayer: relayer ?? context.relayer(), nonce: await nonceOf(context, account), deadline };
}

builder.queryField('relayer', (t) =>
  t.field({
    type: 'Address',
    description: 'The account that sends what others signed; the one to authorise.',
    resolve: (_root, _args, context) => context.relayer(),
  }),
);

builder.queryField('relayerAuthorization', (t) =>
  t.field({
    type: IntentType,
    description: 'What the account that asks signs to let the relayer submit and review in its name.',
    args: { expiresAt: t.arg({ type: 'DateTime', required: true, description: 'Until when.' }) },
    complexity: 10,
    resolve: async (_root, { expiresAt }, context) => {
      const account = requireAccount(context, 'read');
      const deadline = (await context.protocol.now()) + SIGNATURE_SECONDS;
      const message = await authorizationOf(context, account, expiresAt, deadline);
      const typedData = typedDataOf(context, 'RelayerAuthorization', message);
      return { typedData, relayer: message.relayer as Hex, deadline };
    },
  }),
);

builder.queryField('relayerRevocation', (t) =>
  t.field({
    type: IntentType,
    description: 'What the account that asks signs to take that back.',
    args: { relayer: t.arg({ type: 'Address', description: 'From whom; the relayer of this API, when left out.' }) },
    complexity: 10,
    resolve: async (_root, { relayer }, context) => {
      const account = requireAccount(context, 'read');
      const deadline = (await context.protocol.now()) + SIGNATURE_SECONDS;
      const message = await revocationOf(context, account, relayer, deadline);
      const typedData = typedDataOf(context, 'RelayerRevocation', message);
      return { typedData, relayer: message.relayer as Hex, deadline };
    },
  }),
);

builder.mutationField('authorizeRelayer', (t) =>
  t.field({
    type: RelayActionType,
    description:
      'Lets the relayer submit and review in one’s name, by signature; the relayer pays. Needs a session, or a key with ADMIN.',
    args: {
      expiresAt: t.arg({ type: 'DateTime', required: true, description: 'Until when, as signed.' }),
      deadline: t.arg({
        type: 'DateTime',
        required: true,
        description: 'Until when the signature is good, as signed.',
      }),
      signature: t.arg({ type: 'Hex', required: true, description: 'Of what relayerAuthorization gave.' }),
    },
    complexity: 50,
    extensions: write({ scope: 'admin', subject: () => 'Relayer' }),
    resolve: async (_root, { expiresAt, deadline, signature }, context): Promise<RelayAction> => {
      const account = requireAccount(context, 'admin');
      const place = 'authorizeRelayer';
      if (expiresAt <= (await context.protocol.now())) {
        throw badInput(`${place}: expiresAt is ${isoOf(expiresAt)}: expected a time ahead.`);
      }
      const message = await authorizationOf(context, account, expiresAt, deadline);
      const name = 'RelayerAuthorization';
      await checkSignedBy(context, { place, intent: 'relayerAuthorization', account, name, message, signature });
      const { genesisHash, app } = context;
      const payload = { ...message, account, relayer: message.relayer as Hex, signature };
      const request = { action: 'authorizeRelayerWithSignature', payload, genesisHash, account } as const;
      return (await app.db.transaction((tx) => enqueue(tx, request))).relay;
    },
  }),
);

builder.mutationField('revokeRelayer', (t) =>
  t.field({
    type: RelayActionType,
    description: 'Takes that back, by signature. Needs a session, or a key with ADMIN.',
    args: {
      relayer: t.arg({ type: 'Address', description: 'From whom, as signed; the relayer of this API, when left out.' }),
      deadline: t.arg({
        type: 'DateTime',
        required: true,
        description: 'Until when the signature is good, as signed.',
      }),
      signature: t.arg({ type: 'Hex', required: true, description: 'Of what relayerRevocation gave.' }),
    },
    complexity: 50,
    extensions: write({ scope: 'admin', subject: () => 'Relayer' }),
    resolve: async (_root, { relayer, deadline, signature }, context): Promise<RelayAction> => {
      const account = requireAccount(context, 'admin');
      const message = await revocationOf(context, account, relayer, deadline);
      const place = 'revokeRelayer';
      const name = 'RelayerRevocation';
      await checkSignedBy(context, { place, intent: 'relayerRevocation', account, name, message, signature });
      const { genesisHash, app } = context;
      const payload = { ...message, account, relayer: message.relayer as Hex, signature };
      const request = { action: 'revokeRelayerWithSignature', payload, genesisHash, account } as const;
      return (await app.db.transaction((tx) => enqueue(tx, request))).relay;
    },
  }),
);
