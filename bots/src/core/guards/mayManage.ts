import type { Context } from '../context.ts';
import { type Message, text } from '../message.ts';

/** Refuses what concerns everybody in a place to those who do not manage it. */
export const unlessManager = ({ place, texts }: Context): Message | undefined =>
  place.kind === 'private' || place.mayManage
    ? undefined
    : { blocks: [text(texts.guards.permission)], isPrivate: true };
