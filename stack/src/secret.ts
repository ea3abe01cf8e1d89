import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The secret that this state folder's API seals with: made at the first start and kept, or what was sealed could not be
 * opened after a restart. Only the folder's owner may read it.
 * @returns 32 bytes, hex
 */
export function keepSecret(stateDir: string): string {
  const file = join(stateDir, 'api-secret');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}
