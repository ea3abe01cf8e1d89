import type { PrivateKeyAccount } from 'viem/accounts';

/** What a member reads of the bot's. */
export type Said = {
  readonly text: string;
  /** Pages that its buttons lead to. */
  readonly urls: readonly string[];
};

/** A question of a dialog: its field, what is asked where questions come one by one, and what is answered. */
export type Answered = { readonly field: string; readonly asked: RegExp; readonly value: string };

/** Somebody with a wallet in a chat, whichever it is. Everything waits for words of the bot's, and says what came instead. */
export type Member = {
  readonly name: string;
  readonly wallet: PrivateKeyAccount;
  /** Sends a command with its fields, in their order. */
  readonly command: (name: string, fields: Readonly<Record<string, string>>, words: RegExp) => Promise<Said>;
  /** Sends a file along with a command. */
  readonly give: (
    name: string,
    fields: Readonly<Record<string, string>>,
    file: Uint8Array,
    words: RegExp,
  ) => Promise<Said>;
  readonly press: (label: string, words: RegExp) => Promise<Said>;
  /** Presses a button that asks for more, and answers. */
  readonly fill: (label: string, answers: readonly Answered[], words: RegExp) => Promise<Said>;
  /** What the bot has written to them alone, whether it was asked or not. */
  readonly told: (words: RegExp) => Promise<Said>;
};

/** Waits until something is found. @throws Error with what stands instead */
export type Await = <T>(look: () => T | undefined | Promise<T | undefined>, instead: () => string) => Promise<T>;
