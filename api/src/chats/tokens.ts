import { randomBytes } from 'node:crypto';

/** 256 random bits. One is in the page's address; the other the bot keeps to itself. Only their hashes are stored. */
export const newLinkToken = (kind: 'link' | 'claim'): string =>
  `${kind === 'link' ? 'oll' : 'olc'}_${randomBytes(32).toString('base64url')}`;
