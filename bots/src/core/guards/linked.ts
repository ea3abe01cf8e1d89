import type { Guard } from '../command.ts';
import { text } from '../message.ts';

/** Lets through who has linked a wallet. */
export const linked: Guard = async ({ wallet, texts }) =>
  (await wallet()) === undefined ? { blocks: [text(texts.guards.linked)], isPrivate: true } : undefined;
