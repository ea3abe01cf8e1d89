import type { PrivateKeyAccount } from 'viem/accounts';
import type { DiscordEmulator, DiscordUser, Shown } from '../../emulators/discord/discord.ts';
import type { Await, Member, Said } from './member.ts';

const saidBy = ({ text, buttons }: Shown): Said => ({ text, urls: buttons.flatMap(({ url }) => url ?? []) });

/** Somebody on Discord, on a server where others read along. */
export const onDiscord = (
  discord: DiscordEmulator,
  { user, wallet, until }: { user: DiscordUser; wallet: PrivateKeyAccount; until: Await },
): Member => {
  const where = { guildId: '700', channelId: '701' };
  type Sent = ReturnType<DiscordEmulator['command']>;
  const answered = (sent: Sent, words: RegExp): Promise<Said> =>
    until(
      () => {
        const said = sent.original && saidBy(sent.original);
        return said !== undefined && words.test(said.text) ? said : undefined;
      },
      () => `${user.username} does not read ${words}: ${JSON.stringify([sent.original, sent.modal, discord.refused])}`,
    );
  return {
    name: user.username,
    wallet,
    command: (name, fields, words) => answered(discord.command(user, name, fields, where), words),
    give: (name, fields, file, words) => answered(discord.command(user, name, { ...fields, file }, where), words),
    press: (label, words) => answered(discord.press(user, label, where), words),
    fill: async (label, answers, words) => {
      const opened = discord.press(user, label, where);
      await until(
        () => opened.modal,
        () => `${label} opens no dialog: ${JSON.stringify([opened, discord.refused])}`,
      );
      const values = Object.fromEntries(answers.map(({ field, value }) => [field, value]));
      return answered(discord.fill(user, opened, values), words);
    },
    told: (words) =>
      until(
        () => {
          const found = discord.shown.findLast(
            (message) => message.channelId === `5${user.id}` && words.test(saidBy(message).text),
          );
          return found && saidBy(found);
        },
        () => `${user.username} is not told ${words}: ${JSON.stringify([discord.shown.slice(-3), discord.refused])}`,
      ),
  };
};
