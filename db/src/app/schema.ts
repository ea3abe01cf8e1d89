import { snakeCase } from 'drizzle-orm/pg-core';

/** What is not on chain: bodies, sessions, drafts, receipts. Written by our own services, through migrations only. */
export const app = snakeCase.schema('app');
