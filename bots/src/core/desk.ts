import { ApiError, UnreachableError } from './api/client.ts';
import type { Command, Input, Replies, Reply } from './command.ts';
import type { Context } from './context.ts';
import { unlessOften } from './guards/often.ts';
import { text } from './message.ts';
import type { Press } from './press.ts';

/** What somebody asks for, on whichever platform. */
export type Asked =
  | { readonly kind: 'command'; readonly name: string; readonly input: Input }
  /** A button, or a form that was filled in. */
  | { readonly kind: 'press'; readonly press: Press; readonly input: Input };

export type Desk = {
  readonly commands: readonly Command[];
  /** Answers whatever is asked: guards first, and errors in words that help. Never throws but when nobody waits any more. */
  readonly answer: (context: Context, asked: Asked) => Replies;
};

export type DeskOptions = {
  readonly commands: readonly Command[];
  /** Told what went wrong inside, without anything that people wrote. */
  readonly onTrouble: (error: unknown, command: string) => void;
};

/** Where every command of every platform arrives. */
export const createDesk = ({ commands, onTrouble }: DeskOptions): Desk => {
  const byName = new Map(commands.map((command) => [command.name, command]));

  async function* run(context: Context, asked: Asked): Replies {
    const often = await unlessOften(context);
    if (often !== undefined) return yield { message: often };
    const name = asked.kind === 'command' ? asked.name : asked.press.command;
    const command = byName.get(name);
    const act = command && actOf(command, asked);
    const { shared, telegram } = context.texts;
    if (act === undefined) return yield say(asked.kind === 'command' ? telegram.useCommands : shared.unknownButton);
    for (const guard of command!.guards) {
      const refusal = await guard(context, command!);
      if (refusal !== undefined) return yield { message: refusal };
    }
    const tooLong = longer(command!, asked.input);
    if (tooLong !== undefined) return yield say(telegram.tooLong(tooLong));
    let isSaid = false;
    for await (const reply of act(context)) {
      isSaid = true;
      yield reply;
    }
    // Nobody presses a button for nothing: one that says something unknown was made up.
    if (!isSaid) yield say(shared.unknownButton);
  }

  return {
    commands,
    answer: async function* (context, asked) {
      try {
        yield* run(context, asked);
      } catch (error) {
        context.signal.throwIfAborted();
        // The API's own words say what is wrong and what would be right.
        if (error instanceof ApiError && error.relayer !== undefined) return yield say(context.texts.guards.relayer);
        if (error instanceof ApiError && error.code !== 'INTERNAL_SERVER_ERROR') return yield say(error.message);
        if (!(error instanceof UnreachableError)) {
          onTrouble(error, asked.kind === 'command' ? asked.name : asked.press.command);
        }
        yield say(context.texts.shared.notNow);
      }
    },
  };
};

const actOf = (command: Command, asked: Asked): ((context: Context) => Replies) | undefined => {
  if (asked.kind === 'command') return (context) => command.run(context, asked.input);
  const { actions = {} } = command;
  // Its own ones: buttons can be made up, and every object has a constructor.
  const action = Object.hasOwn(actions, asked.press.action) ? actions[asked.press.action] : undefined;
  return action && ((context) => action(context, asked.press.args, asked.input));
};

/** @returns how many characters are the most for the first text that has more */
const longer = ({ fields }: Command, input: Input): number | undefined =>
  fields.find(({ name, kind, most }) => {
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    return kind !== 'file' && most !== undefined && typeof given === 'string' && given.length > most;
  })?.most;

const say = (words: string): Reply => ({ message: { blocks: [text(words)], isPrivate: true } });
