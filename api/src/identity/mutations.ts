import { write } from '../guard/writes.ts';
import { builder } from '../schema/builder.ts';
import { createSignInMessage } from './sign-in-message.ts';
import { SignInMessageType } from './types.ts';

builder.mutationField('signInMessage', (t) =>
  t.field({
    type: SignInMessageType,
    description: 'The message that an account signs to sign in. Then: signIn.',
    args: {
      address: t.arg({ type: 'Address', required: true, description: 'The account that is going to sign.' }),
      origin: t.arg.string({
        description: 'The web origin of the page that asks, such as https://app.example; the API’s own when left out.',
      }),
    },
    extensions: write({ scope: null, subject: () => null, whileHalted: true }),
    resolve: (_root, { address, origin }, context) => createSignInMessage(context, address, origin),
  }),
);
