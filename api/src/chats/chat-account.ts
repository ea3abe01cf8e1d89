import type { ChatPlatform } from '@openledger/db/app';
import { badInput } from '../errors.ts';

/** An account of a chat platform, by the platform's own id. */
export type ChatAccount = { readonly platform: ChatPlatform; readonly userId: string };

const NAME_LENGTH = 64;

/** @throws BAD_USER_INPUT for an id that neither platform gives */
export function chatAccountOf({ platform, userId }: ChatAccount): ChatAccount {
  if (/^[1-9]\d{0,19}$/.test(userId)) return { platform, userId };
  throw badInput(`userId is ${JSON.stringify(userId.slice(0, 40))}: the platform's numeric id is expected.`);
}

/** A name as it may be shown: one line, without what is invisible or turns the reading direction. */
export function shownName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return [...plain].slice(0, NAME_LENGTH).join('') || 'without a name';
}

/** What the platform is called. */
export const platformNames: Readonly<Record<ChatPlatform, string>> = {
  discord: 'Discord',
  telegram: 'Telegram',
  terminal: 'terminal',
};
