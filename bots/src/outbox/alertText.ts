import { z } from 'zod';
import type { OutboxMessage } from './outbox.ts';

const payload = z.object({ text: z.string() });

/** What an alert says; one that may come a second time says so with a sign that needs no words. */
export const alertText = ({ payload: given, mayBeRepeated }: OutboxMessage): string =>
  `${mayBeRepeated ? '↻ ' : ''}${payload.parse(given).text}`;
