import type { Context } from '../context.ts';
import { type Message, text } from '../message.ts';

const seconds = 3;

/**
 * Lets a person do something once in a few seconds, a wallet so often whichever chat accounts act for it, and a datanet get so
 * much whoever gives. Asked just before it is done, so that reading and filling in forms costs nobody any time.
 */
export const unlessCool = async (
  { records, limits, wallet, texts }: Context,
  what: 'ask' | 'contribute' | 'review',
  datanet?: string,
): Promise<Message | undefined> => {
  const say = (words: string): Message => ({ blocks: [text(words)], isPrivate: true });
  const own = await records.waitFor(what, seconds);
  if (own > 0) return say(texts.guards.cooldown(own));
  const account = (await wallet())?.account;
  const itsOwn = account === undefined ? 0 : await limits.take('wallet', account);
  if (itsOwn > 0) return say(texts.guards.cooldown(itsOwn));
  const everybodys = datanet === undefined ? 0 : await limits.take('datanet', datanet);
  return everybodys > 0 ? say(texts.guards.busyDatanet(everybodys)) : undefined;
};
