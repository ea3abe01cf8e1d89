import type { Context } from '../context.ts';
import { type Message, text } from '../message.ts';

/**
 * Lets a person do something once in so many seconds: asked just before it is done, so that reading and filling in forms
 * costs nobody any time.
 */
export const unlessCool = async (
  { records, texts }: Context,
  what: string,
  seconds: number,
): Promise<Message | undefined> => {
  const left = await records.waitFor(what, seconds);
  return left > 0 ? { blocks: [text(texts.guards.cooldown(left))], isPrivate: true } : undefined;
};
