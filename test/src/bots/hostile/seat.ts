import { decodePress, textsFor } from '@openledger/bots/core';
import type { DiscordEmulator, DiscordUser, Shown as OnDiscord } from '../../emulators/discord/discord.ts';
import type { Shown as OnTelegram, TelegramEmulator, TelegramUser } from '../../emulators/telegram/telegram.ts';
import type { Community } from '../community.ts';

export type Said = {
  readonly text: string;
  readonly urls: readonly string[];
  readonly files: readonly string[];
  /** Nobody else reads it. */
  readonly isPrivate: boolean;
};
export type Given = { readonly name: string; readonly type: string; readonly body: Uint8Array };
export type Answer = { readonly field: string; readonly asked: RegExp; readonly value: string | Uint8Array };
/** Alone with the bot; or in a group, as a member or as somebody who manages it. */
export type Where = 'alone' | 'group' | 'managed';
type Fields = Readonly<Record<string, string>>;
type Opening = { readonly press: string | RegExp } | { readonly command: string; readonly fields?: Fields };

/** One person on one platform, who does something and waits for what is said then. */
export type Seat = {
  readonly platform: 'discord' | 'telegram';
  readonly id: string;
  readonly command: (name: string, fields: Fields, words: RegExp, where?: Where) => Promise<Said>;
  readonly give: (fields: Fields, file: Given, words: RegExp) => Promise<Said>;
  readonly press: (label: string | RegExp, words: RegExp, where?: Where) => Promise<Said>;
  /** Presses a button that was made up. */
  readonly madeUp: (says: string, words: RegExp, where?: Where) => Promise<Said>;
  readonly fill: (opening: Opening, answers: readonly Answer[], words: RegExp) => Promise<Said>;
  /** Everything that this person reads, the newest last. */
  readonly reads: () => readonly Said[];
};

export type SeatOptions = {
  readonly until: Community['until'];
  /** Told which command's which action a button or form is for. */
  readonly onPress: (commandAndAction: string) => void;
};

/** Signs that nobody sees are not read either. */
const plain = (words: string): string => words.replaceAll('\u2060', '');
const partOf = (says: string): string => {
  const press = decodePress(says);
  return press === undefined ? says : `${press.command}|${press.action}`;
};
const isIt = (label: string | RegExp) => (written: string) =>
  typeof label === 'string' ? written === label : label.test(written);

const { formReady, openForm } = textsFor('en').discord;
const group = { guildId: '700', channelId: '701' };

export const onDiscord = (discord: DiscordEmulator, user: DiscordUser, { until, onPress }: SeatOptions): Seat => {
  type Sent = ReturnType<DiscordEmulator['command']>;
  const saidBy = (shown: OnDiscord): Said => ({
    text: plain(shown.text),
    urls: shown.buttons.flatMap(({ url }) => url ?? []),
    files: shown.files.map(({ name }) => name),
    isPrivate: shown.onlyFor === user.id || shown.channelId === `5${user.id}`,
  });
  const own = () => discord.shown.filter(({ onlyFor, channelId }) => (onlyFor ?? channelId).endsWith(user.id));
  const answered = (sent: Sent, words: RegExp): Promise<Said> =>
    until(
      () => (sent.original !== undefined && words.test(plain(sent.original.text)) ? saidBy(sent.original) : undefined),
      () => `Discord does not say ${words}: ${JSON.stringify([sent.original?.text, sent.modal, discord.refused])}`,
    );
  const places = { alone: {}, group, managed: { ...group, permissions: '32' } };
  const pressed = (label: string | RegExp, where: Where): Sent => {
    const sent = discord.press(user, label, places[where]);
    const button = sent.message!.buttons.find(({ label: written }) => isIt(label)(written));
    onPress(partOf(button!.customId!));
    return sent;
  };
  /** What opens a dialog: at once, or by one more button where what it asks for took longer than Discord waits. */
  const opened = async (sent: Sent): Promise<Sent> => {
    const isLate = () => sent.original?.text.includes(formReady) === true;
    await until(
      () => (sent.modal !== undefined || isLate() ? true : undefined),
      () => `No dialog opens: ${JSON.stringify([sent.original?.text, discord.refused])}`,
    );
    return isLate() ? opened(pressed(openForm, 'alone')) : sent;
  };
  return {
    platform: 'discord',
    id: user.id,
    command: (name, fields, words, where = 'alone') =>
      answered(discord.command(user, name, fields, places[where]), words),
    give: (fields, { name, type, body }, words) => {
      const id = `${800_000 + Math.floor(Math.random() * 100_000)}`;
      const attachment = { id, filename: name, size: body.length, url: discord.host(name, body), content_type: type };
      const options = Object.entries(fields).map(([field, value]) => ({ name: field, type: 3, value }));
      const data = {
        ...{ id: '1', name: 'contribute', type: 1, options: [...options, { name: 'file', type: 11, value: id }] },
        resolved: { attachments: { [id]: attachment } },
      };
      return answered(discord.interact(user, 2, data), words);
    },
    press: (label, words, where = 'alone') => answered(pressed(label, where), words),
    madeUp: (says, words, where = 'alone') => {
      onPress(partOf(says));
      const data = { custom_id: says, component_type: 2 };
      return answered(discord.interact(user, 3, data, places[where], own().at(-1)), words);
    },
    fill: async (opening, answers, words) => {
      const sent =
        'press' in opening ? pressed(opening.press, 'alone') : discord.command(user, opening.command, opening.fields);
      const dialog = await opened(sent);
      onPress(partOf(dialog.modal!.custom_id));
      const values = Object.fromEntries(answers.map(({ field, value }) => [field, value]));
      return answered(discord.fill(user, dialog, values), words);
    },
    reads: () => own().map(saidBy),
  };
};

const groupChat = { id: -100_700, type: 'supergroup' } as const;

export const onTelegram = (telegram: TelegramEmulator, user: TelegramUser, { until, onPress }: SeatOptions): Seat => {
  const saidBy = ({ text, links, buttons, file, chatId }: OnTelegram): Said => ({
    text: plain(text),
    urls: [...links, ...buttons.flatMap(({ url }) => url ?? [])],
    files: file === undefined ? [] : [file.name],
    isPrivate: chatId === user.id,
  });
  const own = () => telegram.shown.filter(({ chatId }) => chatId === user.id || chatId === groupChat.id);
  /** Does something, and waits for a message that came or changed since. */
  const after = (act: () => unknown, words: RegExp): Promise<Said> => {
    const before = new Map(own().map(({ messageId, edits }) => [messageId, edits]));
    const refusedBefore = telegram.refused.length;
    act();
    return until(
      () => {
        // What a message says already it cannot be made to say again.
        const isSame = telegram.refused.slice(refusedBefore).some((each) => /not modified/.test(each.description));
        const isNew = ({ messageId, edits }: OnTelegram) => isSame || before.get(messageId) !== edits;
        const found = own().findLast((message) => isNew(message) && words.test(plain(message.text)));
        return found && saidBy(found);
      },
      () => `Telegram does not say ${words}: ${JSON.stringify([own().slice(-2), telegram.refused.slice(-2)])}`,
    );
  };
  const typed = (name: string, fields: Fields) =>
    ['/', name, ...Object.values(fields).map((value) => ` ${value}`)].join('');
  const chatOf = (where: Where) => {
    telegram.admins[where === 'managed' ? 'add' : 'delete'](`${groupChat.id} ${user.id}`);
    return where === 'alone' ? undefined : groupChat;
  };
  const tell = (value: string | Uint8Array): void => {
    if (typeof value === 'string') telegram.say(user, value);
    else telegram.give(user, { name: 'given.jsonl', type: 'application/jsonl', body: value });
  };
  const press = (label: string | RegExp, chatId = user.id): string => {
    const buttons = telegram.shown.filter((each) => each.chatId === chatId).flatMap((each) => each.buttons);
    const says = buttons.findLast(({ text, callback_data: data }) => data && isIt(label)(text))?.callback_data;
    if (says !== undefined) onPress(partOf(says));
    telegram.press(user, label, chatId);
    return says ?? '';
  };
  return {
    platform: 'telegram',
    id: `${user.id}`,
    command: (name, fields, words, where = 'alone') =>
      after(() => telegram.say(user, typed(name, fields), chatOf(where)), words),
    give: (fields, file, words) => after(() => telegram.give(user, file, typed('contribute', fields)), words),
    press: (label, words, where = 'alone') => after(() => press(label, chatOf(where)?.id), words),
    madeUp: (says, words, where = 'alone') =>
      after(() => {
        onPress(partOf(says));
        telegram.pressMadeUp(user, says, chatOf(where)?.id);
      }, words),
    fill: async (opening, answers, words) => {
      let command = '';
      await after(() => {
        if ('press' in opening) [command] = press(opening.press).split('|') as [string];
        else {
          command = opening.command;
          telegram.say(user, typed(command, opening.fields ?? {}));
        }
      }, answers[0]!.asked);
      for (const [at, { value }] of answers.slice(0, -1).entries()) {
        await after(() => tell(value), answers[at + 1]!.asked);
      }
      onPress(`${command}|send`);
      return after(() => tell(answers.at(-1)!.value), words);
    },
    reads: () => own().map(saidBy),
  };
};
