import { z } from 'zod';
import type { Command, Replies } from '../command.ts';
import type { Context } from '../context.ts';
import { openOf } from '../format.ts';
import { linked } from '../guards/linked.ts';
import { text } from '../message.ts';
import { pageFor } from '../pages.ts';

const wei = z.string().transform(BigInt);
const answer = z.object({ rewardAccount: z.object({ claimable: wei.nullable() }).nullable() });

/** Leads to a page where any wallet sends the prepared claim; the money goes to the linked account and nowhere else. */
export const claim: Command = {
  name: 'claim',
  fields: [],
  guards: [linked],
  run: (context) => lead(context),
  actions: { open: (context) => lead(context) },
};

async function* lead(context: Context): Replies {
  const { wallet, texts } = context;
  const words = texts.commands.claim;
  const { api, account } = (await wallet())!;
  const { rewardAccount } = await api.ask(
    'query($account: Address!) { rewardAccount(account: $account) { claimable } }',
    answer,
    { account },
  );
  const claimable = rewardAccount?.claimable ?? 0n;
  if (claimable === 0n) {
    yield { message: { blocks: [text(words.nothing)], isPrivate: true } };
    return;
  }
  yield {
    message: {
      blocks: [text(words.explain(openOf(claimable, texts)))],
      buttons: [[{ label: words.open, url: pageFor(context, 'claim', { account }) }]],
      isPrivate: true,
    },
  };
}
