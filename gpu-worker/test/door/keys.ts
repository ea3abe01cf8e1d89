import { createHash, randomBytes } from 'node:crypto';
import { apiKey } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import type { Stage } from './stage.ts';

export const sha256 = (token: string): Hex => `0x${createHash('sha256').update(token).digest('hex')}`;
export const newToken = (kind: 'olk_' | 'olt_'): string => kind + randomBytes(32).toString('base64url');

/** A key of an account that may ask models, as the API makes them. */
export const newKey = async (
  { connection }: Stage,
  account: Hex,
  more: Partial<typeof apiKey.$inferInsert> = {},
): Promise<{ readonly token: string; readonly id: string }> => {
  const token = newToken('olk_');
  const named = { account, name: 'test', prefix: token.slice(0, 10), keyHash: sha256(token) };
  const [row] = await connection.db
    .insert(apiKey)
    .values({ ...named, scopes: ['infer'], budgetPerMinute: 100, ...more })
    .returning();
  return { token, id: row!.id };
};
