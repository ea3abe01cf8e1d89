import { seal, unseal } from '@openledger/db';
import type { ApiContext } from '../context.ts';
import { type ChatAccount, shownName } from './chat-account.ts';

const PURPOSE = 'names of chat accounts';

/** Names tie chat accounts to wallets, so they rest encrypted. */
export function sealName({ keyFor }: Pick<ApiContext, 'keyFor'>, name: string, account: ChatAccount): Uint8Array {
  return seal(keyFor(PURPOSE), Buffer.from(shownName(name)), aboutOf(account));
}

/** @throws SealError when API_SECRET is another than it was */
export function readName({ keyFor }: Pick<ApiContext, 'keyFor'>, sealed: Uint8Array, account: ChatAccount): string {
  return Buffer.from(unseal(keyFor(PURPOSE), sealed, aboutOf(account))).toString();
}

const aboutOf = ({ platform, userId }: ChatAccount): string => `${platform} ${userId}`;
