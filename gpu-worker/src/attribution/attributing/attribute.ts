import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { type Card, startingAlgorithm } from '@openledger/protocol/attribution';
import { z } from 'zod';
import { readBase, trainingModel } from '../../base/index.ts';
import { adapterHash, readAdapter } from '../../lora/index.ts';
import { makeCard } from '../card/index.ts';
import { buildVersion, jsonFile, keepFiles, modelHash, rowsOf, spreadRows, tokenizerHash } from '../version/index.ts';
import { lessonsOf, readDatanetVersion } from './lessons.ts';
import type { AttributeOptions } from './options.ts';

export type Attributed = {
  /** For `ModelRegistry.publishVersion`: the adapter, and the training record, which names the attribution record. */
  readonly adapterHash: Hex;
  readonly manifestHash: Hex;
  readonly recordHash: Hex;
  readonly rows: number;
  /** Content hash of the card, for `ModelRegistry.recordEvaluation`. */
  readonly card?: { readonly hash: Hex; readonly card: Card };
};

export type AttributeWatch = {
  readonly signal?: AbortSignal;
  /** Told of rows and retrainings that are done. */
  readonly onProgress?: (what: 'rows' | 'retrainings', done: number, all: number) => void;
};

/**
 * Makes what a version's answers are attributed with and, with a recipe, its card; keeps both in the content store. What an earlier
 * call with the same folder had done is not done again.
 *
 * @throws AttributingError, VersionError, CardError, InfluenceError; AbortError after the signal.
 */
export const attribute = async (options: AttributeOptions, watch: AttributeWatch = {}): Promise<Attributed> => {
  const { signal, onProgress = () => {} } = watch;
  const { base: folder, sequence, threads, out, mostTexts, recipe } = options;
  await mkdir(out, { recursive: true });
  const { config, weights, tokenizer } = await readBase(folder);
  const base = trainingModel(config, weights);
  const adapter = await readAdapter(options.adapter);
  const hash = await adapterHash(options.adapter);
  const connection = createDatabase({ url: options.databaseUrl, max: 2, name: 'openledger-attribute' });
  try {
    const versions = [];
    for (const datanet of options.datanets) versions.push(await readDatanetVersion(connection, datanet));
    const { train, heldOut } = lessonsOf(versions, options.heldOut);
    const begun = performance.now();
    let computed = 0;
    const built = await buildVersion({
      base: {
        name: options.baseName,
        model: base,
        modelHash: await modelHash(folder),
        tokenizerHash: await tokenizerHash(folder),
      },
      tokenizer,
      adapter,
      adapterHash: hash,
      datanets: versions,
      contributions: train,
      foreign: await readFile(options.foreign, 'utf8'),
      foreignRows: options.foreignRows,
      sequence,
      ...(mostTexts !== undefined && { mostTexts }),
      projection: options.projection,
      duplicates: startingAlgorithm.duplicates,
      ...(options.draws > 0 && { moment: { draws: options.draws, seed: 1 } }),
      file: join(out, 'gradients'),
      threads,
      onProgress: ({ done, rows }) => {
        computed++;
        onProgress('rows', done, rows);
      },
      ...(signal && { signal }),
    });
    const rowsPerSecond = await speed(join(out, 'speed.json'), computed, (performance.now() - begun) / 1_000);
    const manifest = jsonFile({
      ...options.training,
      schema: 'openledger.training/1',
      adapterHash: hash,
      attribution: built.recordHash,
    });
    await keepFiles(connection.db, [...built.files, manifest]);
    await writeFile(join(out, 'record.json'), `${JSON.stringify(built.record, undefined, 2)}\n`);
    const { recordHash, record } = built;
    const made = { adapterHash: hash, manifestHash: manifest.hash, recordHash, rows: record.rows };
    if (recipe === undefined) return made;
    const rowOptions = { tokenizer, sequence, ...(mostTexts !== undefined && { mostTexts }) };
    const card = await makeCard({
      base,
      adapter,
      adapterHash: hash,
      recipe: { ...recipe, config: adapter.config, threads },
      rows: built.rows.rows,
      contributions: built.rows.contributions,
      gradients: built.store,
      gradientStoreRoot: built.record.gradientStoreRoot,
      moment: built.moment,
      queries: spreadRows(rowsOf(heldOut, rowOptions).rows, options.queries),
      subsets: options.subsets,
      rowsPerSecond,
      file: join(out, 'losses'),
      onProgress: ({ done, retrainings }) => onProgress('retrainings', done, retrainings),
      ...(signal && { signal }),
    });
    const file = jsonFile(card);
    await keepFiles(connection.db, [file]);
    await writeFile(join(out, 'card.json'), `${JSON.stringify(card, undefined, 2)}\n`);
    return { ...made, card: { hash: file.hash, card } };
  } finally {
    await connection.close();
  }
};

/** Rows a second: of this call where it computed any, else of the one before. */
const speed = async (file: string, rows: number, seconds: number): Promise<number> => {
  if (rows > 0) await writeFile(file, JSON.stringify({ rowsPerSecond: Math.floor(rows / seconds) }));
  const known = z.object({ rowsPerSecond: z.int().min(0) }).safeParse(JSON.parse(await readFile(file, 'utf8')));
  return known.data?.rowsPerSecond ?? 0;
};
