import { z } from 'zod';
import type { Command, Replies, Reply } from '../command.ts';
import type { Context } from '../context.ts';
import { type Message, text, title } from '../message.ts';
import { pageFor } from '../pages.ts';

const invitation = z.object({ startChatLink: z.object({ url: z.url(), claim: z.string(), phrase: z.string() }) });
const claimed = z.object({
  chatLinkClaim: z.object({
    platform: z.string(),
    userId: z.string(),
    state: z.enum(['WAITING', 'SIGNED', 'CONFIRMED', 'REFUSED', 'EXPIRED']),
    account: z.string().nullable(),
  }),
});
const confirmed = z.object({ confirmChatLink: z.object({ account: z.string(), token: z.string() }) });

const say = (...blocks: Message['blocks']): Reply => ({ message: { blocks, isPrivate: true } });

/** Links a wallet: a page that names this very chat account is signed with it, and the person confirms here that it is theirs. */
export const link: Command = {
  name: 'link',
  fields: [],
  guards: [],
  run: async function* (context) {
    const { operator, person, texts } = context;
    const words = texts.commands.link;
    const { startChatLink } = await operator.ask(
      `mutation($platform: ChatPlatform!, $userId: String!, $userName: String!) {
        startChatLink(platform: $platform, userId: $userId, userName: $userName) { url claim phrase }
      }`,
      invitation,
      { platform: person.platform.toUpperCase(), userId: person.id, userName: person.name },
    );
    const { url, claim, phrase } = startChatLink;
    yield {
      message: {
        blocks: [title(words.title), text(words.explain), text({ bold: phrase })],
        buttons: [
          [{ label: words.open, url: pageFor(context, url) }],
          [{ label: words.check, style: 'main', press: { command: 'link', action: 'check', args: [claim] } }],
        ],
        isPrivate: true,
      },
    };
  },
  actions: {
    check: async function* (context, [claim = '']) {
      const words = context.texts.commands.link;
      const { state, account } = await stateOf(context, claim);
      if (state === 'WAITING') yield say(text(words.waiting));
      else if (state !== 'SIGNED' || account === null) yield say(text(words.over));
      else {
        yield {
          message: {
            blocks: [text(words.isYours(account))],
            buttons: [
              [
                { label: words.yes, style: 'main', press: { command: 'link', action: 'confirm', args: [claim] } },
                { label: words.no, style: 'danger', press: { command: 'link', action: 'refuse', args: [claim] } },
              ],
            ],
            isPrivate: true,
          },
        };
      }
    },
    confirm: async function* (context, [claim = '']) {
      const { operator, records, texts } = context;
      const words = texts.commands.link;
      if ((await stateOf(context, claim)).state !== 'SIGNED') return yield* over(context);
      const { confirmChatLink } = await operator.ask(
        'mutation($claim: String!) { confirmChatLink(claim: $claim) { account token } }',
        confirmed,
        { claim },
      );
      await records.keepKey(confirmChatLink);
      yield say(text(words.done(confirmChatLink.account)));
    },
    refuse: async function* (context, [claim = '']) {
      const { operator, texts } = context;
      if ((await stateOf(context, claim)).state === 'EXPIRED') return yield* over(context);
      await operator.ask('mutation($claim: String!) { refuseChatLink(claim: $claim) }', z.unknown(), { claim });
      yield say(text(texts.commands.link.refused));
    },
  },
};

/** How far a link is. Somebody else's is over: a button that was made up, or passed on, links nobody's wallet to us. */
const stateOf = async ({ operator, person }: Context, claim: string) => {
  const { chatLinkClaim } = await operator.ask(
    'query($claim: String!) { chatLinkClaim(claim: $claim) { platform userId state account } }',
    claimed,
    { claim },
  );
  const isTheirs = chatLinkClaim.platform === person.platform.toUpperCase() && chatLinkClaim.userId === person.id;
  return isTheirs ? chatLinkClaim : { state: 'EXPIRED' as const, account: null };
};

async function* over({ texts }: Context): Replies {
  yield say(text(texts.commands.link.over));
}
