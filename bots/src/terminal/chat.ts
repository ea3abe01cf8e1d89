import type { Form, GivenFile, Input, Replies } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import type { Asked, Desk } from '../core/desk.ts';
import { inputOf } from '../core/input.ts';
import type { Button, Message } from '../core/message.ts';
import { render } from './render.ts';

/** A terminal, or what stands in for one. */
export type Terminal = {
  readonly print: (text: string) => void;
  /** Undefined when nobody types any more. */
  readonly read: (prompt: string) => Promise<string | undefined>;
  readonly readFile: (path: string) => Promise<GivenFile>;
  /** Keeps a file or picture that a message brings. @returns where it is now */
  readonly keep: (name: string, body: Uint8Array) => Promise<string>;
};

export type ChatOptions = {
  readonly desk: Desk;
  readonly terminal: Terminal;
  readonly contextFor: (signal: AbortSignal) => Context;
  /** Signs a page's link with a wallet of this machine; where there is none, people open the page themselves. */
  readonly signLink?: ((url: string) => Promise<string>) | undefined;
};

/** Talks with one person until they leave: commands with a slash, buttons by their numbers, questions one after another. */
export const chat = async ({ desk, terminal, contextFor, signLink }: ChatOptions): Promise<void> => {
  let buttons: readonly Button[] = [];
  const show = async (message: Message): Promise<void> => {
    const shown = render(message);
    terminal.print(`${shown.text}\n`);
    buttons = shown.buttons;
    for (const block of message.blocks) {
      if (block.kind === 'image') terminal.print(`  ${await terminal.keep(block.name, block.png)}\n`);
      if (block.kind === 'file') terminal.print(`  ${await terminal.keep(block.name, block.body)}\n`);
    }
  };
  const carry = async (replies: Replies): Promise<Form | undefined> => {
    let last: Message | undefined;
    for await (const reply of replies) {
      if ('form' in reply) return reply.form;
      last = reply.message;
    }
    if (last !== undefined) await show(last);
    return undefined;
  };
  const answer = async (asked: Asked): Promise<void> => {
    const context = contextFor(new AbortController().signal);
    for (let form = await carry(desk.answer(context, asked)); form !== undefined; ) {
      terminal.print(`${form.title}\n`);
      const input = await fill(terminal, form.fields);
      if (input === undefined) return;
      form = await carry(desk.answer(context, { kind: 'press', press: form.submit, input }));
    }
  };
  await answer({ kind: 'command', name: 'help', input: {} });
  for (;;) {
    const typed = (await terminal.read('> '))?.trim();
    if (typed === undefined || typed === '/quit') return;
    const button = /^\d+$/.test(typed) ? buttons[Number(typed) - 1] : undefined;
    if (button !== undefined && 'press' in button) {
      await answer({ kind: 'press', press: button.press, input: {} });
    } else if (button !== undefined) {
      terminal.print(signLink && isLink(button.url) ? await signLink(button.url) : `Open ${button.url}\n`);
    } else if (typed.startsWith('/')) {
      const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(typed)!;
      const fields = desk.commands.find((command) => command.name === name)?.fields ?? [];
      await answer({ kind: 'command', name, input: inputOf(fields, rest) });
    } else if (typed !== '') terminal.print('Commands begin with a slash: /help\n');
  }
};

const isLink = (url: string): boolean => new URL(url).pathname === '/link';

/** Asks for each field; an empty line ends it. */
const fill = async (terminal: Terminal, fields: Form['fields']): Promise<Input | undefined> => {
  const input: Record<string, string | GivenFile> = {};
  for (const { name, label, hint, kind, isRequired, choices } of fields) {
    const note = [hint, choices?.join(', ')].filter(Boolean).join('; ');
    const given = await terminal.read(`${label}${note && ` (${note})`}: `);
    if (given === undefined || (given === '' && isRequired)) return undefined;
    if (given === '') continue;
    const value = kind === 'file' ? await terminal.readFile(given).catch(() => undefined) : given;
    if (value === undefined) {
      terminal.print(`There is no file ${given}\n`);
      return undefined;
    }
    input[name] = value;
  }
  return input;
};
