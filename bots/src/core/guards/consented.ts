import { z } from 'zod';
import type { Guard } from '../command.ts';
import type { ConsentPurpose } from '../commands/consent.ts';
import type { Context } from '../context.ts';
import { text } from '../message.ts';

const answer = z.object({ chatAccount: z.object({ consents: z.array(z.object({ purpose: z.string() })) }) });

/** Whether the person agreed to something and has not taken it back. */
export const agreesTo = async ({ operator, person }: Context, purpose: ConsentPurpose): Promise<boolean> => {
  const { chatAccount } = await operator.ask(
    `query($platform: ChatPlatform!, $userId: String!) {
      chatAccount(platform: $platform, userId: $userId) { consents { purpose } }
    }`,
    answer,
    { platform: person.platform.toUpperCase(), userId: person.id },
  );
  return chatAccount.consents.some((consent) => consent.purpose === purpose);
};

/** Lets through who agreed to it. */
export const consented =
  (purpose: ConsentPurpose): Guard =>
  async (context) => {
    if (await agreesTo(context, purpose)) return undefined;
    const { texts } = context;
    return {
      blocks: [text(texts.guards.consented)],
      buttons: [
        [{ label: texts.guards.read, style: 'main', press: { command: 'consent', action: 'show', args: [purpose] } }],
      ],
      isPrivate: true,
    };
  };
