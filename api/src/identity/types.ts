import { builder } from '../schema/builder.ts';
import type { SignInMessage } from './sign-in-message.ts';

/** A moment of schema `app` as the API's DateTime, which is in whole seconds. */
export const unixSeconds = (moment: Date): bigint => BigInt(Math.floor(moment.getTime() / 1000));

export const SignInMessageType = builder.objectRef<SignInMessage>('SignInMessage').implement({
  description: 'What an account signs to sign in (EIP-4361, Sign-In with Ethereum).',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'Sign exactly this, as personal_sign does (EIP-191).' }),
    nonce: t.exposeString('nonce', { description: 'The number in it that makes it good for one time.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when signIn takes it.',
      resolve: ({ expiresAt }) => unixSeconds(expiresAt),
    }),
  }),
});
