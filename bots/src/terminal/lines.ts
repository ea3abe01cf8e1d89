import { createInterface } from 'node:readline';

export type Lines = {
  /** The next line, also one that came before anybody asked for it; undefined when there will be none. */
  readonly read: (prompt: string) => Promise<string | undefined>;
  readonly close: () => void;
};

/** What is typed, or comes out of a file: one line after another. */
export const readLines = (input: NodeJS.ReadStream | NodeJS.ReadableStream, output: NodeJS.WritableStream): Lines => {
  const lines = createInterface({ input, output, terminal: 'isTTY' in input && input.isTTY === true });
  let isOpen = true;
  lines.once('close', () => {
    isOpen = false;
  });
  const coming = lines[Symbol.asyncIterator]();
  return {
    read: async (prompt) => {
      // A script ends before it is answered.
      if (isOpen) {
        lines.setPrompt(prompt);
        lines.prompt();
      } else output.write(prompt);
      const { value, done } = await coming.next();
      return done ? undefined : value;
    },
    close: () => lines.close(),
  };
};
