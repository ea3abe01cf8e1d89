import { z } from 'zod';

// What the environment's variables may hold, and how it is said when they hold something else.

/** The environment, or a file it names, is not what the indexer needs; the message names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export const blankIsAbsent = <schema extends z.ZodType>(schema: schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);
export const optional = <schema extends z.ZodType>(schema: schema) => blankIsAbsent(schema.optional());
export const whole = (low: number, high: number) => {
  const error = `must be a whole number from ${low} to ${high}`;
  return z.coerce.number({ error }).int({ error }).min(low, { error }).max(high, { error });
};
export const choice = <const names extends readonly string[]>(names: names) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });
export const url = (protocols: string, error: string) => z.url({ protocol: new RegExp(`^(${protocols})$`), error });

export const rpcList = z
  .string({ error: 'is missing: the JSON-RPC URL of the chain, several separated by commas' })
  .transform((list) => list.split(',').map((item) => item.trim()))
  .pipe(z.array(url('https?|wss?', 'must be URLs beginning with http://, https://, ws:// or wss://')));

/** One line for each variable that is wrong. */
export const explain = (error: z.ZodError) =>
  error.issues
    .map((issue) => `${issue.path.filter((part) => typeof part === 'string').join('.')} ${issue.message}`.trim())
    .join('\n');
