import { userError } from '../errors.ts';

/** @throws NOT_FOUND for what is no id of ours: Postgres would take it for a mistake of its own */
export function uuidOf(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw userError('NOT_FOUND', 'The account has no such webhook.');
  return id.toLowerCase();
}
