import { z } from 'zod';
import type { Command, Replies } from '../command.ts';
import type { Context } from '../context.ts';
import { agreesTo } from '../guards/consented.ts';
import { type Button, text, title } from '../message.ts';

export const consentPurposes = ['CONTRIBUTE', 'ALERTS'] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

const isPurpose = (value: string | undefined): value is ConsentPurpose =>
  consentPurposes.some((purpose) => purpose === value);

/** Agreeing to what becomes of one's data, in words that are kept with it, and taking it back. */
export const consent: Command = {
  name: 'consent',
  fields: [],
  guards: [],
  run: async function* (context) {
    const { texts } = context;
    const words = texts.commands.consent;
    const standing = await Promise.all(consentPurposes.map((purpose) => agreesTo(context, purpose)));
    yield {
      message: {
        blocks: [
          title(words.title),
          ...consentPurposes.map((purpose, at) =>
            text({ bold: words.purposes[purpose] }, ` · ${standing[at] ? words.given : words.notGiven}`),
          ),
        ],
        buttons: consentPurposes.map((purpose, at): Button[] => [
          standing[at]
            ? { label: words.takeBack(words.purposes[purpose]), press: press('revoke', purpose), style: 'danger' }
            : { label: words.read(words.purposes[purpose]), press: press('show', purpose) },
        ]),
        isPrivate: true,
      },
    };
  },
  actions: {
    show: async function* ({ texts }, [purpose]) {
      if (!isPurpose(purpose)) return;
      const words = texts.commands.consent;
      yield {
        message: {
          blocks: [title(words.purposes[purpose]), text(words.full[purpose])],
          buttons: [
            [
              { label: words.agree, style: 'main', press: press('grant', purpose) },
              { label: words.disagree, press: press('refuse', purpose) },
            ],
          ],
          isPrivate: true,
        },
      };
    },
    grant: async function* (context, [purpose]) {
      if (!isPurpose(purpose)) return;
      const words = context.texts.commands.consent;
      await change(
        context,
        `mutation($platform: ChatPlatform!, $userId: String!, $purpose: ChatConsentPurpose!, $text: String!) {
          grantChatConsent(platform: $platform, userId: $userId, purpose: $purpose, text: $text)
        }`,
        // The very words that were shown.
        { purpose, text: words.full[purpose] },
      );
      yield* say(words.thanks);
    },
    refuse: async function* ({ texts }) {
      yield* say(texts.commands.consent.refused);
    },
    revoke: async function* (context, [purpose]) {
      if (!isPurpose(purpose)) return;
      await change(
        context,
        `mutation($platform: ChatPlatform!, $userId: String!, $purpose: ChatConsentPurpose!) {
          revokeChatConsent(platform: $platform, userId: $userId, purpose: $purpose)
        }`,
        { purpose },
      );
      yield* say(context.texts.commands.consent.revoked);
    },
  },
};

const press = (action: string, purpose: ConsentPurpose) => ({ command: 'consent', action, args: [purpose] });

const change = ({ operator, person }: Context, query: string, variables: object) =>
  operator.ask(query, z.unknown(), {
    platform: person.platform.toUpperCase(),
    userId: person.id,
    ...variables,
  });

async function* say(words: string): Replies {
  yield { message: { blocks: [text(words)], isPrivate: true } };
}
