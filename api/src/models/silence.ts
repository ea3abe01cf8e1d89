import { worker } from '@openledger/db/app';
import { sql } from 'drizzle-orm';

/** A worker reports every few seconds; one that has not for this long is gone. */
export const SILENT_SECONDS = 60;

/** Whether a worker's row says that it is there. */
export const isOnline = sql<boolean>`${worker.lastSeenAt} > now() - make_interval(secs => ${sql.raw(String(SILENT_SECONDS))})`;
