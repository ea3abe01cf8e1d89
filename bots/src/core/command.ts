import type { Context } from './context.ts';
import type { Message } from './message.ts';
import type { Press } from './press.ts';

export type Choice = { readonly label: string; readonly value: string };

/** A file as a platform gave it: already fetched, since its links expire. */
export type GivenFile = { readonly name: string; readonly mediaType: string | undefined; readonly body: Uint8Array };

/** What a command asks for. `text` is a line, `long` is several; `datanet`, `model` and `contribution` are numbers that are suggested. */
export type Field = {
  readonly name: string;
  readonly kind: 'text' | 'long' | 'number' | 'choice' | 'datanet' | 'model' | 'contribution' | 'file';
  readonly isRequired: boolean;
  /** Of `choice`: values; their labels are in the texts. */
  readonly choices?: readonly string[];
  /** Characters of `text` and `long`, bytes of `file`. */
  readonly most?: number;
};

export type Input = Readonly<Record<string, string | GivenFile | undefined>>;

/** Asks for fields: a dialog on Discord, one question after another on Telegram and in a terminal. */
export type Form = {
  readonly title: string;
  readonly fields: readonly (Field & { readonly label: string; readonly hint?: string })[];
  /** What is done with the answers. */
  readonly submit: Press;
};

/** Each one takes the place of the one before. */
export type Reply = { readonly message: Message } | { readonly form: Form };
export type Replies = AsyncIterable<Reply>;

/**
 * Whether a command may be run now.
 * @returns what is said instead; undefined lets it through.
 */
export type Guard = (context: Context, command: Command) => Promise<Message | undefined>;

/** One thing that people do here, on every platform. */
export type Command = {
  /** Lower case, as it is typed after the slash. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** Everybody in a place sees what it answers. Platforms have to know before it has answered. */
  readonly isPublic?: true;
  /** Actions whose answer comes after the message with the button, rather than in its place: it is still read. */
  readonly apart?: readonly string[];
  /** In this order; the first that refuses decides. */
  readonly guards: readonly Guard[];
  readonly run: (context: Context, input: Input) => Replies;
  /** What its buttons and forms do, by action. */
  readonly actions?: Readonly<Record<string, (context: Context, args: readonly string[], input: Input) => Replies>>;
};
