import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { RetrainingRecipe } from '../lds/index.ts';
import { AttributingError } from './errors.ts';

const folder = resolve(import.meta.dirname, '../../..');

/** What an operator asks for. */
export type AttributeOptions = {
  /** Folder of the base in Hugging Face's layout, and its name on chain. */
  readonly base: string;
  readonly baseName: string;
  /** PEFT folder. */
  readonly adapter: string;
  readonly datanets: readonly { readonly datanetId: bigint; readonly version: number }[];
  /** Contributions of these that were not trained on: they measure the card. */
  readonly heldOut: readonly bigint[];
  readonly sequence: number;
  readonly mostTexts?: number;
  readonly projection: { readonly dimensions: number; readonly seed: string };
  /** How often labels are drawn for the second moment that whitens; 0: it is of the rows' own. */
  readonly draws: number;
  /** File of texts that no datanet has, and how many rows of them. */
  readonly foreign: string;
  readonly foreignRows: number;
  /** What else its training record says. */
  readonly training: Readonly<Record<string, unknown>>;
  /** How the adapter was trained: retrainings for the card follow it. Without it there is no card. */
  readonly recipe?: Recipe;
  readonly subsets: { readonly count: number; readonly seeds: number };
  readonly queries: number;
  readonly threads: number;
  /** Holds what is begun, and `record.json` and `card.json` in the end. */
  readonly out: string;
  readonly databaseUrl: string;
};

const positive = (what: string, most = 2 ** 31) =>
  z.coerce.number(`must be ${what}`).int(`must be ${what}`).min(1).max(most);

const recipeSchema = z.object({
  batch: positive('rows of a step'),
  accumulate: positive('batches of a step').optional(),
  schedule: z.strictObject({
    peak: z.number().positive(),
    warmup: z.int().min(0),
    steps: z.int().min(1),
    decay: z.enum(['cosine', 'linear', 'none']),
    floor: z.number().min(0),
  }),
  optimizer: z
    .strictObject({
      betas: z.tuple([z.number(), z.number()]),
      epsilon: z.number().positive(),
      weightDecay: z.number().min(0),
    })
    .partial()
    .optional(),
  clip: z.number().positive().optional(),
  seed: z.int(),
});

/** How an adapter was trained, as retrainings repeat it; its config is the adapter's own. */
export type Recipe = Omit<RetrainingRecipe, 'config' | 'threads' | 'logits'>;

const datanet = z
  .string()
  .regex(/^\d+@\d+$/, 'must be a datanet and its version, for example 3@2')
  .transform((text) => {
    const [id, version] = text.split('@');
    return { datanetId: BigInt(id!), version: Number(version) };
  });
const ids = z
  .string()
  .regex(/^\d+(,\d+)*$/, 'must be ids of contributions with commas between, for example 12,15')
  .transform((text) => text.split(',').map(BigInt));
const path = z
  .string()
  .min(1)
  .transform((text) => resolve(process.env.INIT_CWD ?? '.', text));

const schema = z.object({
  base: path.default(resolve(folder, 'base')),
  'base-name': z.string().min(1).max(200).default('openledger/base'),
  adapter: path,
  datanet: z.array(datanet, 'must name a datanet version that was trained on, for example --datanet 3@2').min(1),
  'held-out': ids.default([]),
  sequence: positive('tokens of a row, for example 512').pipe(z.number().min(2)),
  texts: positive('texts of a contribution').optional(),
  dimensions: positive('1 to 2048', 2_048).default(2_048),
  seed: z.string().min(1).max(200).default('openledger'),
  draws: z.coerce.number('must be 0 or more').int('must be 0 or more').min(0, 'must be 0 or more').max(64).default(0),
  foreign: path.default(resolve(folder, 'base/foreign.jsonl')),
  'foreign-rows': positive('rows, for example 128').default(128),
  training: path.optional(),
  recipe: path.optional(),
  subsets: positive('retrainings, for example 32').pipe(z.number().min(2)).default(32),
  seeds: positive('seeds of each retraining').default(1),
  queries: positive('rows held out, for example 32').pipe(z.number().min(2)).default(32),
  threads: positive('cores', 256).default(1),
  out: path,
  DATABASE_URL: z.string(
    'is missing: it is where the index and the contents are, for example postgres://user:password@host/openledger',
  ),
});

/**
 * Reads a command line.
 * @throws AttributingError naming each option that is wrong, and what would be right.
 */
export const readOptions = async (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<AttributeOptions> => {
  const parsed = schema.safeParse({ ...given(args), DATABASE_URL: env.DATABASE_URL || undefined });
  if (!parsed.success) {
    const named = parsed.error.issues.map(({ path: [name = '', ...rest], message }) => {
      const option = name === 'DATABASE_URL' ? name : `--${String(name)}`;
      return `${option}${rest.length > 0 ? ` (number ${Number(rest[0]) + 1})` : ''} ${message}`;
    });
    throw new AttributingError(named.join('\n'));
  }
  const { data } = parsed;
  const recipe =
    data.recipe === undefined
      ? undefined
      : // What is absent is absent: zod's type only says that it may be undefined.
        ((await readJson('--recipe', data.recipe, recipeSchema)) as Recipe);
  const training = data.training === undefined ? {} : await readJson('--training', data.training, z.looseObject({}));
  if (recipe !== undefined && data['held-out'].length === 0) {
    throw new AttributingError('--held-out is missing: a card is measured on contributions that were not trained on');
  }
  return {
    base: data.base,
    baseName: data['base-name'],
    adapter: data.adapter,
    datanets: data.datanet,
    heldOut: data['held-out'],
    sequence: data.sequence,
    ...(data.texts !== undefined && { mostTexts: data.texts }),
    projection: { dimensions: data.dimensions, seed: data.seed },
    draws: data.draws,
    foreign: data.foreign,
    foreignRows: data['foreign-rows'],
    training,
    ...(recipe && { recipe }),
    subsets: { count: data.subsets, seeds: data.seeds },
    queries: data.queries,
    threads: data.threads,
    out: data.out,
    databaseUrl: data.DATABASE_URL,
  };
};

const given = (args: readonly string[]): Readonly<Record<string, unknown>> => {
  const names = Object.keys(schema.shape).filter((name) => name !== 'DATABASE_URL');
  try {
    const options = Object.fromEntries(
      names.map((name) => [name, { type: 'string', multiple: name === 'datanet' } as const]),
    );
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new AttributingError(
      `${(error as Error).message} Options are ${names.map((name) => `--${name}`).join(', ')}`,
    );
  }
};

const readJson = async <Schema extends z.ZodType>(
  option: string,
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> => {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new AttributingError(`${option} ${file}: ${why}`);
  }
};
