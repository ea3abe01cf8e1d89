import type { Context } from '../context.ts';
import { type Message, text } from '../message.ts';

/** Refuses those who ask for more than anybody reads, and places from which so much is asked that others would wait. */
export const unlessOften = async ({ limits, person, place, texts }: Context): Promise<Message | undefined> => {
  const say = (words: string): Message => ({ blocks: [text(words)], isPrivate: true });
  const own = await limits.take('person', `${person.platform} ${person.id}`);
  if (own > 0) return say(texts.guards.cooldown(own));
  const where = place.guildId ?? (place.kind === 'group' ? place.id : undefined);
  const everybodys = where === undefined ? 0 : await limits.take('place', `${person.platform} ${where}`);
  return everybodys > 0 ? say(texts.guards.busyPlace(everybodys)) : undefined;
};
