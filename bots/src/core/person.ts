/** Where people write to us. The terminal is for trying everything without an account anywhere. */
export type Platform = 'discord' | 'telegram' | 'terminal';

/** Who writes, by the platform's own id. */
export type Person = {
  readonly platform: Platform;
  readonly id: string;
  /** What the platform calls them: text of theirs, to be escaped wherever it is shown. */
  readonly name: string;
  /** Of what they read, as the platform says it: `de`, `pt-BR`. */
  readonly locale: string | undefined;
};

/** Where they write: alone with the bot, or where others read along. */
export type Place = {
  readonly kind: 'private' | 'group';
  /** The platform's id of the channel or chat. */
  readonly id: string;
  /** Of the server that a Discord channel is in. */
  readonly guildId?: string | undefined;
  /** Whether they may change what the bot does for everybody here. */
  readonly mayManage: boolean;
};
