import type { PrivateKeyAccount } from 'viem/accounts';
import type { Shown, TelegramEmulator, TelegramUser } from '../../emulators/telegram/telegram.ts';
import type { Await, Member, Said } from './member.ts';

const saidBy = ({ text, buttons }: Shown): Said => ({ text, urls: buttons.flatMap(({ url }) => url ?? []) });

/** Somebody on Telegram, alone with the bot. */
export const onTelegram = (
  telegram: TelegramEmulator,
  { user, wallet, until }: { user: TelegramUser; wallet: PrivateKeyAccount; until: Await },
): Member => {
  const own = () => telegram.shown.filter(({ chatId }) => chatId === user.id);
  const find = (words: RegExp, isNew: (message: Shown) => boolean): Promise<Said> =>
    until(
      () => {
        const found = own().findLast((message) => isNew(message) && words.test(message.text));
        return found && saidBy(found);
      },
      () => `${user.first_name} does not read ${words}: ${JSON.stringify([own().slice(-3), telegram.refused])}`,
    );
  /** Does something, and waits for a message that came or changed since. */
  const after = (act: () => unknown, words: RegExp): Promise<Said> => {
    const before = new Map(own().map(({ messageId, edits }) => [messageId, edits]));
    act();
    return find(words, ({ messageId, edits }) => before.get(messageId) !== edits);
  };
  const typed = (name: string, fields: Readonly<Record<string, string>>) =>
    ['/', name, ...Object.values(fields).map((value) => ` ${value}`)].join('');
  return {
    name: user.first_name,
    wallet,
    command: (name, fields, words) => after(() => telegram.say(user, typed(name, fields)), words),
    give: (name, fields, body, words) =>
      after(
        () => telegram.give(user, { name: 'given.jsonl', type: 'application/jsonl', body }, typed(name, fields)),
        words,
      ),
    press: (label, words) => after(() => telegram.press(user, label), words),
    fill: async (label, answers, words) => {
      await after(() => telegram.press(user, label), answers[0]!.asked);
      for (const [at, { value }] of answers.slice(0, -1).entries()) {
        await after(() => telegram.say(user, value), answers[at + 1]!.asked);
      }
      return after(() => telegram.say(user, answers.at(-1)!.value), words);
    },
    told: (words) => find(words, () => true),
  };
};
