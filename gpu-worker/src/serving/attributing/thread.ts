import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createDatabase } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { openScorer, type Scorer } from '../../attribution/influence/index.ts';
import { withRetrieved } from '../../attribution/receipts/index.ts';
import {
  findVersion,
  modelHash,
  readContributions,
  readOnChain,
  tokenizerHash,
  type VersionData,
  VersionError,
} from '../../attribution/version/index.ts';
import { LoraError } from '../../lora/index.ts';
import { createLanguage } from '../door/language.ts';
import { readModelFolder } from '../onnx/index.ts';
import { attribute } from './attribute.ts';
import { createExtractors } from './extractors.ts';
import { readGradientBase } from './gradientBase.ts';
import { createKept } from './kept.ts';
import { type FromThread, type Order, type ThreadOptions, type ToThread, WaitingError, type Why } from './messages.ts';
import { createPassageWorths } from './passageWorths.ts';

// The thread that attributes, one answer after the other. It yields to the one that answers.

/** Versions whose data, and sessions whose weights, are in memory at once. */
const [VERSIONS, SESSIONS] = [4, 6];

// Only on Linux is this the thread's priority; elsewhere it would be the whole worker's.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

const port = parentPort!;
const { databaseUrl, baseFolder } = workerData as ThreadOptions;

type Opened = { readonly data: VersionData; readonly scorer: Scorer };

const open = async () => {
  const folder = await readModelFolder(baseFolder);
  const { tokenizer, capacity, vocabSize } = folder;
  const connection = createDatabase({
    ...{ url: databaseUrl, max: 2, name: 'openledger-attributor', statementTimeoutMs: 120_000 },
  });
  const base = await readGradientBase(baseFolder);
  const worthsOf = createPassageWorths(base, createLanguage(folder));
  const extractors = createExtractors({
    ...{ base, capacity, most: SESSIONS },
    separator: tokenizer.special.end ?? tokenizer.special.pad ?? 0,
  });
  const own = { modelHash: await modelHash(folder.folder), tokenizerHash: await tokenizerHash(folder.folder) };
  const versions = createKept<Opened>({ most: VERSIONS, close: ({ scorer }) => scorer.close() });
  const none = new Uint8Array();
  return {
    attribute: async ({ modelId, version, adapterHash, adapterFolder, ...rest }: Order) => {
      const onChain = await readOnChain(connection.sql, modelId, version);
      const { cardUris, manifestHash } = onChain;
      if (cardUris.length === 0) {
        throw new WaitingError('no_card', `Version ${version} of model ${modelId} has no attribution card on chain`);
      }
      const { data, scorer } = await versions.get(
        `${modelId}@${version} ${manifestHash} ${cardUris.join(' ')}`,
        async () => {
          const found = await findVersion(connection, modelId, version);
          checkBase(found, own);
          return { data: found, scorer: await openScorer(found.store) };
        },
      );
      const of = { adapterHash, adapterFolder, projection: data.record.projection };
      return attribute({
        ...rest,
        // Passages may be of contributions that came after the version.
        version: await withRetrieved(data, rest.answered.retrieval?.passages ?? [], (ids) =>
          readContributions(connection.sql, ids),
        ),
        worthsOf: (helped, seed) => worthsOf(of, helped, seed),
        // A number that is no token stands between answers.
        tokenizer: { bytesOf: (id) => (id < vocabSize ? tokenizer.bytesOf(id) : none) },
        border: vocabSize,
        score: scorer.score,
        gradientOf: (row) => extractors.gradientOf(of, row),
      });
    },
    close: async () => {
      await versions.clear();
      await extractors.close();
      await connection.close();
    },
  };
};

const checkBase = ({ record }: VersionData, own: { modelHash: Hex; tokenizerHash: Hex }): void => {
  for (const name of ['modelHash', 'tokenizerHash'] as const) {
    if (record[name] === own[name]) continue;
    throw new WaitingError(
      'other_base',
      `The version's data are of a base with ${name} ${record[name]}; here it is ${own[name]}`,
    );
  }
};

const whyOf = (error: unknown): Why => {
  if (error instanceof WaitingError) return error.why;
  if (error instanceof VersionError) return 'not_attributable';
  return error instanceof LoraError ? 'no_adapter' : 'failed';
};

const opening = open();
// Whoever asks is told.
opening.catch(() => {});
let turn: Promise<void> = Promise.resolve();

const answer = async ({ call, order }: { call: number; order: Order }): Promise<void> => {
  const reply = (message: FromThread): void => port.postMessage(message);
  try {
    const { attribute } = await opening.catch((error: Error) => {
      throw new WaitingError('no_base', `No gradients can be computed through the base here: ${error.message}`);
    });
    reply({ call, attribution: await attribute(order) });
  } catch (error) {
    reply({ call, why: whyOf(error), message: error instanceof Error ? error.message : String(error) });
  }
};

port.on('message', (message: ToThread) => {
  if ('call' in message) turn = turn.then(() => answer(message));
  else {
    turn = turn
      .then(async () => (await opening).close())
      .catch(() => {})
      .then(() => port.close());
  }
});
