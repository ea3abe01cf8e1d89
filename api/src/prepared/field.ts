import type { Hex } from '@openledger/db/chain';
import type { InputFieldMap, InputShapeFromFields } from '@pothos/core';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import { builder } from '../schema/builder.ts';
import { type PreparedCall, prepareTransaction } from './transaction.ts';
import { PreparedTransactionType } from './types.ts';

type ArgBuilder = Parameters<Parameters<typeof builder.queryField>[1]>[0]['arg'];

/** A preparation asks the node two or three questions. */
const COMPLEXITY = 25;

/**
 * A query field that prepares a transaction; it sends and changes nothing, and says who would send it.
 * @param call what is to be called. It throws BAD_USER_INPUT or NOT_FOUND for what can never be sent
 */
export function prepareField<Args extends InputFieldMap>(
  name: `prepare${string}`,
  description: string,
  args: (arg: ArgBuilder) => Args,
  call: (args: InputShapeFromFields<Args>, from: Hex, context: ApiContext) => PreparedCall | Promise<PreparedCall>,
): void {
  builder.queryField(name, (t) =>
    t.field({
      type: PreparedTransactionType,
      description,
      args: {
        ...args(t.arg),
        from: t.arg({ type: 'Address', description: 'Who is going to send it; who asks, when left out.' }),
      },
      complexity: COMPLEXITY,
      resolve: async (_root, given, context) => {
        const values = given as unknown as InputShapeFromFields<Args> & { readonly from?: Hex | null };
        const from = senderOf(name, values.from, context);
        return prepareTransaction(context, from, await call(values, from, context));
      },
    }),
  );
}

function senderOf(name: string, from: Hex | null | undefined, { caller }: ApiContext): Hex {
  if (from != null) return from;
  if (caller.kind !== 'anonymous') return caller.account;
  throw badInput(`${name}: from is missing. Say who is going to send the transaction, or sign in.`);
}
