import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import type * as helpers from './ponder-helpers.ts';

/** One place in Ponder's own code that costs too much for what we do with it. */
export type PonderPatch = {
  /** What it does for us. */
  name: string;
  /** Below Ponder's `dist/esm`. */
  file: string;
  /** Each text must stand there exactly once; the second takes its place. */
  edits: readonly (readonly [from: string, to: string])[];
};

/** An import of something of ours, for patched code to call. */
const helper = (name: keyof typeof helpers) =>
  `import { ${name} } from ${JSON.stringify(new URL('./ponder-helpers.ts', import.meta.url).href)};\n`;

/** `insertLogs` of Ponder's sync store, and its likes. */
const insertAsArrays = (row: 'Log' | 'Block' | 'Transaction') => {
  const rows = `${row.toLowerCase()}s`;
  const start = `        insert${row}s: async ({ ${rows}, chainId }, context) => {
            if (${rows}.length === 0)
                return;
`;
  const asArrays = `            if (qb.$dialect === "postgres") {
                const rows = ${rows}.map((${row.toLowerCase()}) => encode${row}({ ${row.toLowerCase()}, chainId }));
                const columns = getTableColumns(PONDER_SYNC.${rows});
                await qb.wrap({ label: "insert_${rows}" }, () => insertRows(qb.$client, "${rows}", columns, rows), context);
                return;
            }
`;
  return [start, start + asArrays] as const;
};

/**
 * What is changed in ponder 0.16.10 when it is loaded; its files on disk stay as they are.
 *
 * All but those that say so change only how fast Ponder is. A patch whose text is not found, as after an upgrade, is left
 * out whole and named in the log: the index is then slower, never wrong.
 */
export const ponderPatches: readonly PonderPatch[] = [
  {
    // Ponder learns slowly from 20 requests a second upwards. A transport of our own keeps its providers' limits itself,
    // and a chain on this machine has none.
    name: 'no pacing of our own transport and of local chains',
    file: 'rpc/index.js',
    edits: [
      [
        'rpsLimit: INITIAL_MAX_RPS,',
        'rpsLimit: ["custom_transport", "127.0.0.1", "localhost", "[::1]"].includes(hostname) ? 1e6 : INITIAL_MAX_RPS,',
      ],
    ],
  },
  {
    name: 'rows of the cache go in as arrays',
    file: 'sync-store/index.js',
    edits: [
      [
        'import * as PONDER_SYNC from "./schema.js";',
        `import * as PONDER_SYNC from "./schema.js";\n${helper('insertRows')}`,
      ],
      [
        'import { and, asc, desc, eq, gte, inArray, isNull, lt, lte, or, sql, } from "drizzle-orm";',
        'import { and, asc, desc, eq, getTableColumns, gte, inArray, isNull, lt, lte, or, sql, } from "drizzle-orm";',
      ],
      ...(['Log', 'Block', 'Transaction'] as const).map((row) => insertAsArrays(row)),
    ],
  },
  {
    name: 'the blocks of a range are stored together',
    file: 'sync-historical/index.js',
    edits: [
      [
        `                    syncStore.insertBlocks({ blocks: [block], chainId: args.chain.id }),
                    syncStore.insertTransactions({
                        transactions,
                        chainId: args.chain.id,
                    }),
                    syncStore.insertTransactionReceipts({`,
        `                    gather(block, transactions, logs),
                    syncStore.insertTransactionReceipts({`,
      ],
      [
        `                    syncStore.insertLogs({ logs, chainId: args.chain.id }),
                ]);
            };
            let blockCount = 0;`,
        `                ]);
            };
            // Rows wait here until there are enough of them; the transaction ends after the last of them.
            let gathered = { blocks: [], transactions: [], logs: [] };
            const store = () => {
                const { blocks, transactions, logs } = gathered;
                gathered = { blocks: [], transactions: [], logs: [] };
                return promiseAllSettledWithThrow([
                    syncStore.insertBlocks({ blocks, chainId: args.chain.id }),
                    syncStore.insertTransactions({ transactions, chainId: args.chain.id }),
                    syncStore.insertLogs({ logs, chainId: args.chain.id }),
                ]);
            };
            const gather = async (block, transactions, logs) => {
                gathered.blocks.push(block);
                for (const transaction of transactions) gathered.transactions.push(transaction);
                for (const log of logs) gathered.logs.push(log);
                if (gathered.logs.length + gathered.transactions.length + gathered.blocks.length > 5000) await store();
            };
            let blockCount = 0;`,
      ],
      [
        'await Promise.all(intervalRange(interval).map((blockNumber) => queue.add(blockNumber)));',
        `await Promise.all(intervalRange(interval).map((blockNumber) => queue.add(blockNumber)));
                await store();`,
      ],
    ],
  },
  {
    // Until it knows what the handlers of every event look at, Ponder reads all of each transaction, calldata included.
    // Ours look at no more than is always read; were one to, Ponder would notice and read it all again.
    name: 'of blocks and transactions only what handlers look at is read',
    file: 'build/config.js',
    edits: [
      [
        '                include: defaultLogFilterInclude.concat(',
        `                include: defaultLogFilterInclude.filter((column) =>
                    /^(log\\.|block\\.(number|hash|timestamp)$|transaction\\.(transactionIndex|from|to|hash|type)$)/.test(column)).concat(`,
      ],
    ],
  },
  {
    name: 'a fetched log meets the filters of its topic only',
    file: 'sync-historical/index.js',
    edits: [
      [
        `            const perBlockLogs = new Map();`,
        `            const logFiltersOf = byTopic(logFilters, (filter) => filter);
            const perBlockLogs = new Map();`,
      ],
      ['for (const filter of logFilters) {', 'for (const filter of logFiltersOf(log.topics[0])) {'],
      ['import { startClock }', `${helper('byTopic')}import { startClock }`],
    ],
  },
  {
    name: 'a stored log meets the filters of its topic only',
    file: 'runtime/events.js',
    edits: [
      [
        `    for (const log of logs) {
        const blockNumber = log.blockNumber;`,
        `    const logCallbacksOf = byTopic(logEventCallbackIndexes, (index) => eventCallbacks[index].filter);
    for (const log of logs) {
        const blockNumber = log.blockNumber;`,
      ],
      [
        'for (const logEventCallbackIndex of logEventCallbackIndexes) {',
        'for (const logEventCallbackIndex of logCallbacksOf(log.topics[0])) {',
      ],
      ['import { toLowerCase }', `${helper('byTopic')}import { toLowerCase }`],
    ],
  },
  {
    // Ranges are made as wide as can be fetched in ten seconds, and all their logs are in memory at once. With two seconds
    // indexing begins earlier, and memory stays small however dense the chain is.
    name: 'ranges of two seconds',
    file: 'runtime/historical.js',
    edits: [
      ['target: params.common.options.command === "dev" ? 2000 : 10000,', 'target: 2000,'],
      ['min: 25,', 'min: 4,'],
    ],
  },
  {
    // Ponder takes back, with a chain's blocks, all that other chains wrote since, and writes that again with the next block
    // of any of them: until then what is right is missing. And for as long as one chain's node hangs it keeps the others'
    // rows takeable back, and all of their events in memory. No two chains write one row here, so each goes back, and becomes
    // final, alone. This one changes what Ponder does.
    name: 'each chain goes back and becomes final by itself',
    file: 'runtime/multichain.js',
    edits: [
      ['finalizeMultichain, revertMultichain, }', 'revertIsolated, }'],
      ['import { getLiveQueryTempTableName }', 'import { getLiveQueryTempTableName, getReorgTableName }'],
      [
        `                await finalizeMultichain(database.userQB, {
                    checkpoint: event.checkpoint,
                    tables,
                    namespaceBuild,
                }, context);`,
        `                await database.userQB.transaction({ label: "finalize" }, async (tx) => {
                    const final = { finalizedCheckpoint: event.checkpoint, safeCheckpoint: event.checkpoint };
                    await tx.wrap((tx) => tx.update(PONDER_CHECKPOINT).set(final).where(eq(PONDER_CHECKPOINT.chainId, event.chain.id)));
                    for (const table of tables) {
                        await tx.wrap((tx) => tx.execute(\`
DELETE FROM "\${namespaceBuild.schema}"."\${getReorgTableName(table)}"
WHERE checkpoint <= '\${event.checkpoint}' AND SUBSTRING(checkpoint, 11, 16)::numeric = \${event.chain.id}\`));
                    }
                }, undefined, context);`,
      ],
      ['const counts = await revertMultichain(tx, {', 'const counts = await revertIsolated(tx, {'],
      ['import { bufferAsyncGenerator, ', 'import { bufferAsyncGenerator, mergeAsyncGenerators, '],
      ['import { getRealtimeEventsMultichain }', 'import { getRealtimeEventsIsolated }'],
      [
        `bufferAsyncGenerator(getRealtimeEventsMultichain({
        common,
        indexingBuild,
        perChainSync,
        database,
    }), 100,`,
        `bufferAsyncGenerator(mergeAsyncGenerators([...perChainSync].map(([chain, sync]) => getRealtimeEventsIsolated({
        common,
        indexingBuild,
        chain,
        syncProgress: sync.syncProgress,
        childAddresses: sync.childAddresses,
        unfinalizedBlocks: sync.unfinalizedBlocks,
        database,
    }))), 100,`,
      ],
    ],
  },
  {
    // A head whose blocks could not be read is forgotten, so that the next look takes it up again; Ponder would take it for one
    // that is being read, and stand still until there is another. This one changes what Ponder does.
    name: 'a head that could not be followed is tried again',
    file: 'sync-realtime/index.js',
    edits: [
      [
        `                blockCallback?.(false);
                onError(_error, block);`,
        `                blockCallback?.(false);
                latestFetchedBlock = undefined;
                onError(_error, block);`,
      ],
    ],
  },
  {
    // They are made once history is indexed, one after the other, while nothing else is done.
    name: 'two indexes are made at a time',
    file: 'database/actions.js',
    edits: [
      [
        `    for (const statement of statements.indexes.sql) {
        await qb.transaction(`,
        `    const waiting = [...statements.indexes.sql];
    const make = async () => {
      for (let statement = waiting.shift(); statement !== undefined; statement = waiting.shift())
        await qb.transaction(`,
      ],
      [
        `            await tx.wrap((tx) => tx.execute(statement));
        }, undefined, context);
    }
`,
        `            await tx.wrap((tx) => tx.execute(statement));
        }, undefined, context);
    };
    await Promise.all(qb.$dialect === "postgres" ? [make(), make()] : [make()]);
`,
      ],
    ],
  },
  {
    // The log of events is written and never read, and is most of all rows.
    name: 'the activity log is not kept in memory',
    file: 'indexing-store/cache.js',
    edits: [
      [
        'isCacheComplete: crashRecoveryCheckpoint === undefined,',
        'isCacheComplete: crashRecoveryCheckpoint === undefined && getTableName(table) !== "activity",',
      ],
      [
        `                    let bytes = 0;
                    for (const [key, entry] of insertBuffer.get(table)) {`,
        `                    let bytes = 0;
                    for (const [key, entry] of getTableName(table) === "activity" ? [] : insertBuffer.get(table)) {`,
      ],
      [
        'if (tables.every((table) => cache.get(table).isCacheComplete)) {',
        'if (tables.every((table) => cache.get(table).isCacheComplete || getTableName(table) === "activity")) {',
      ],
    ],
  },
  {
    // Vite would transform each of them, the contracts' ABIs above all, which Node reads as they are.
    name: 'what is not the app itself is loaded by Node',
    file: 'build/index.js',
    edits: [
      [
        'new ViteNodeServer(viteDevServer)',
        'new ViteNodeServer(viteDevServer, { deps: { external: [/\\/(node_modules|protocol\\/src|indexer\\/(run|rpc))\\//] } })',
      ],
    ],
  },
];

/** Applies patches to a file's source; those that do not fit are reported and left out. */
export const patchSource = (
  source: string,
  patches: readonly PonderPatch[],
  misfit: (patch: PonderPatch) => void,
): string =>
  patches.reduce((before, patch) => {
    const fits = patch.edits.every(([from]) => before.split(from).length === 2);
    if (!fits) {
      misfit(patch);
      return before;
    }
    return patch.edits.reduce((text, [from, to]) => text.replace(from, () => to), before);
  }, source);

/**
 * Folders of nothing but ES modules, thousands of them. For each of their imports Node would parse the package.json above
 * it again, viem's with its hundreds of exports above all.
 */
const esModules = /\/node_modules\/(.*\/_esm|ponder\/dist\/esm)\//;

/** From now on, Ponder's files are patched as they are loaded. @param misfit is called for each patch that no longer fits. */
export const patchPonder = (misfit: (patch: PonderPatch) => void): void => {
  const root = new URL('./', import.meta.resolve('ponder')).href;
  const byUrl = new Map(ponderPatches.map(({ file }) => [root + file, ponderPatches.filter((p) => p.file === file)]));
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const isInside = context.conditions.includes('import') && specifier.startsWith('.') && specifier.endsWith('.js');
      if (!isInside || context.parentURL === undefined) return nextResolve(specifier, context);
      const { href } = new URL(specifier, context.parentURL);
      const isModule = esModules.test(href) && esModules.test(context.parentURL);
      return isModule ? { url: href, format: 'module', shortCircuit: true } : nextResolve(specifier, context);
    },
    load: (url, context, nextLoad) => {
      const patches = byUrl.get(url);
      if (patches === undefined) return nextLoad(url, context);
      const source = patchSource(readFileSync(new URL(url), 'utf8'), patches, misfit);
      return { format: 'module', source, shortCircuit: true };
    },
  });
};
