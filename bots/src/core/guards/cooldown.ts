import type { Guard } from '../command.ts';
import { text } from '../message.ts';

/** Lets a person do it once in so many seconds. */
export const cooldown =
  (seconds: number): Guard =>
  async ({ records, texts }, { name }) => {
    const left = await records.waitFor(name, seconds);
    return left > 0 ? { blocks: [text(texts.guards.cooldown(left))], isPrivate: true } : undefined;
  };
