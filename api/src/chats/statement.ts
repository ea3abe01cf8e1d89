import { createHash } from 'node:crypto';
import type { Hex } from '@openledger/db/chain';
import { english } from 'viem/accounts';
import { type ChatAccount, platformNames } from './chat-account.ts';

/** What a wallet signs to be linked: it names the chat account, so that a signature links this one and no other. */
export function statementOf({ platform, userId }: ChatAccount, name: string): string {
  // EIP-4361 allows no other characters.
  const plain = name.replace(/[^A-Za-z0-9 ._-]/g, '?');
  return (
    `Link the ${platformNames[platform]} account ${plain} (id ${userId}) to this wallet. ` +
    'Its bot may then contribute, review and ask models in the name of this wallet. This costs nothing and sends no transaction.'
  );
}

/** Three words that the chat and the page both show: where they differ, somebody swapped the link. */
export function phraseOf(tokenHash: Hex): string {
  const digest = createHash('sha256').update(`words of ${tokenHash}`).digest();
  return [0, 2, 4].map((at) => english[digest.readUInt16BE(at) % english.length]!).join(' ');
}
