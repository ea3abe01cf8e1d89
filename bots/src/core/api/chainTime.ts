import { z } from 'zod';
import type { Api } from './client.ts';

const answer = z.object({ _meta: z.object({ timestamp: z.string().nullable() }) });

/** The time of the newest block: votes begin and end by it. Our own where there is none yet. */
export const chainTime = async (api: Api): Promise<Date> => {
  const { _meta } = await api.ask('{ _meta { timestamp } }', answer);
  return _meta.timestamp === null ? new Date() : new Date(_meta.timestamp);
};

/** As the API takes moments: in whole seconds. */
export const inSeconds = (moment: Date): string => moment.toISOString().replace(/\.\d+Z$/, 'Z');
