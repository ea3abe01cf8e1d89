import { crc32 } from 'node:zlib';
import { parseStore, storeRoot } from '@openledger/gpu-worker/attribution/influence';
import { buildSpanIndex, encodeSpanIndex, spanIndexRoot } from '@openledger/gpu-worker/attribution/spans';
import { canonicalJson, type Hex } from '@openledger/protocol';
import type { AttributionRecord } from '@openledger/protocol/attribution';
import { toUtf8Bytes } from 'ethers';
import { uriOf } from '../documents.ts';
import type { Scene } from './scene.ts';
import type { Tampering } from './tampering.ts';

/** Publishes the version with another attribution record, and a card that fits it, as if that had been so from the beginning. */
const republish = async ({ world, sql, keep, read }: Scene, change: Partial<AttributionRecord>): Promise<void> => {
  const { built, cardHash } = world.published;
  const record = { ...built.record, ...change };
  const put = (value: unknown) => keep(toUtf8Bytes(canonicalJson(value)));
  const attribution = await put(record);
  const manifest = await put({ schema: 'openledger.training/1', attribution });
  const card = JSON.parse(new TextDecoder().decode(await read(cardHash)));
  const cardName = await put({ ...card, gradientStoreRoot: record.gradientStoreRoot });
  await sql`update chain.model_version set manifest_hash = ${manifest} where version = 2`;
  await sql`update chain.model_evaluation set uri = ${uriOf(cardName)} where version = 2`;
};

/** Stores gradients with some bytes of a row changed, its checksum put right. */
const regrade = async (scene: Scene, row: number, change: (record: Uint8Array) => void): Promise<void> => {
  const { files, rows } = scene.world.published.built.record;
  const body = Uint8Array.from(await scene.read(files.gradients));
  const { header } = parseStore(body, 'gradients');
  const length = (body.length - header.length) / rows;
  const record = body.subarray(header.length + row * length, header.length + (row + 1) * length);
  change(record);
  const check = crc32(record.subarray(16), crc32(record.subarray(0, 12)));
  new DataView(record.buffer, record.byteOffset).setUint32(12, check, true);
  const gradients = await scene.keep(body);
  await republish(scene, {
    gradientStoreRoot: storeRoot(parseStore(body, 'gradients')),
    files: { ...files, gradients },
  });
};

/** What a builder might publish that is not so. */
export const publishedLies: readonly Tampering[] = [
  {
    name: 'rows of one contribution that are said to be another’s',
    of: 'adapter',
    names: /rows\.2 is of contribution 5, not 4/,
    apply: (scene) =>
      regrade(scene, 2, (record) => new DataView(record.buffer, record.byteOffset).setBigUint64(0, 5n, true)),
  },
  {
    name: 'a gradient that no training row has',
    of: 'adapter',
    names: /gradients\.0 is .* steps off/,
    apply: (scene) => regrade(scene, 0, (record) => record.subarray(16, 60).reverse()),
  },
  {
    name: 'copies that are not said to be copies',
    of: 'adapter',
    names: /clusters\.\d+ is as row \d+, not as row \d+/,
    apply: async (scene) => {
      const { files, rows } = scene.world.published.built.record;
      const clusters = await scene.keep(new Uint8Array(Uint32Array.from({ length: rows }, (_, row) => row).buffer));
      await republish(scene, { files: { ...files, clusters } });
    },
  },
  {
    name: 'a contribution that the span index leaves out',
    of: 'adapter',
    names: /spans of contribution 4 is otherwise/,
    apply: async (scene) => {
      const { built, options } = scene.world.published;
      const index = buildSpanIndex({
        documents: built.rows.documents.filter(({ contributionId }) => contributionId !== 4n),
        tokenizerHash: built.record.tokenizerHash,
        vocabSize: options.tokenizer.vocabSize,
      });
      const file = encodeSpanIndex(index);
      for (const { body } of file.segments) await scene.keep(body);
      const spans = await scene.keep(file.body);
      await republish(scene, { suffixArrayRoot: spanIndexRoot(index), files: { ...built.record.files, spans } });
    },
  },
  {
    name: 'a score on chain that is better than the card’s',
    of: 'adapter',
    names: /card\.score/,
    apply: ({ sql }) => sql`update chain.model_evaluation set score = 900000000000000000 where version = 2`,
  },
  {
    name: 'another adapter than the one that is kept',
    of: 'adapter',
    names: /adapterHash|the adapter of the attribution record/,
    apply: ({ sql }) => sql`update chain.model_version set adapter_hash = ${`0x${'34'.repeat(32)}`} where version = 2`,
  },
  {
    name: 'a datanet version that holds other contributions',
    of: 'adapter',
    names: /the root of version 1 of datanet 2/,
    apply: ({ sql }) =>
      sql`update chain.datanet_version set data_root = ${`0x${'56'.repeat(32)}`} where datanet_id = 2`,
  },
  {
    name: 'gradients that were changed where they are kept',
    of: 'receipt',
    names: /version is the gradient store .* is damaged/,
    apply: async ({ world, read, keep }) => {
      const { gradients } = world.published.built.record.files;
      const body = Uint8Array.from(await read(gradients));
      body[body.length - 40]! ^= 4;
      await keep(body, gradients as Hex);
    },
  },
];
