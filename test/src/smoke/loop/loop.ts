import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, getContent, type Sql } from '@openledger/db';
import { exampleOf } from '@openledger/gpu-worker/attribution/version';
import { indexedTo } from '@openledger/indexer/testing';
import { type Hex, rewardTree } from '@openledger/protocol';
import { rewardListSchema } from '@openledger/protocol/attribution';
import type { Stack } from '@openledger/stack';
import { createAsker } from '@openledger/stack/asking';
import { personaKey } from '@openledger/stack/scenario';
import { createStore } from '@openledger/stack/texts';
import { parseEther } from 'ethers';
import { castPlayer } from '../../drive/cast.ts';
import { player, Session } from '../../drive/session.ts';
import { createVerifier, lineOf } from '../../receipts/index.ts';
import { contributeData, type Data } from './data.ts';
import { keepEpoch, type Until } from './epoch.ts';
import { allowAttribution, short } from './governance.ts';
import { buildModel, shortRecipe } from './model.ts';

export type LoopReport = {
  /** Receipts of answers that public data comes to again. */
  readonly receipts_verified: number;
  /** Claims of contributors. */
  readonly claims: number;
  readonly surprises: readonly string[];
};

const questions = 4;
const patienceMs = 240_000;

/**
 * Once round: people contribute, a model is trained on it, published and asked; its answers are settled and attributed by the
 * worker of the stack, an epoch is closed, and the contributors claim. Time passes on the chain alone.
 * @throws Error naming what did not come about.
 */
export const goRound = async (
  stack: Stack,
  { stateDir, onProgress, signal }: { stateDir: string; onProgress: (message: string) => void; signal: AbortSignal },
): Promise<LoopReport> => {
  const { urls, manifest } = stack;
  const session = new Session(urls.rpc, manifest);
  const { db, sql, close } = createDatabase({ url: urls.database, max: 4 });
  const contents = createStore(db);
  const indexed = async () => void (await indexedTo(sql, BigInt(await session.provider.getBlockNumber())));
  const until: Until = async (what, isSo) => {
    const deadline = Date.now() + patienceMs;
    while (!(await isSo())) {
      signal.throwIfAborted();
      if (Date.now() > deadline) throw new Error(`${what()} did not come about within ${patienceMs / 1_000} s.`);
      await sleep(250);
    }
  };
  await session.open();
  try {
    onProgress('governance allows the attribution of answers');
    await allowAttribution(session, contents);
    onProgress('people contribute texts, and a model is trained on them');
    const data = await contributeData(session, contents, shortRecipe);
    const worker = (
      await sql<{ address: string }[]>`
      select address from app.worker where endpoint = ${urls.worker}`
    )[0]!.address;
    const modelId = await buildModel(session, { contents, data, worker, folder: join(stateDir, 'smoke'), signal });

    onProgress('the model is asked, and answers for a fee');
    await askAll(stack, session, { data, modelId, until });
    const count = (query: ReturnType<typeof sql>) => async () =>
      (await sql<{ count: number }[]>`select count(*)::int as count from ${query}`)[0]!.count >= questions;
    const own = sql`app.receipt join app.inference_record using (request_id) where model_id = ${`${modelId}`}::numeric`;
    await until(() => 'A receipt of each answer', count(sql`${own}`));
    onProgress('every answer has its receipt; they are settled and posted');
    const batched = (status: string) =>
      count(sql`chain.inference where model_id = ${`${modelId}`}::numeric and attribution_status = ${status}`);
    await until(() => 'An attribution batch of all answers', batched('posted'));
    await session.travel(short + 1n);
    await until(() => 'Its becoming final', batched('final'));

    onProgress('an epoch is closed, and what it pays becomes claimable');
    await indexed();
    await keepEpoch(stack, session, { stateDir, until });
    await indexed();
    const claims = await claimAll(session, sql, db);
    await indexed();

    onProgress(`${claims} claims; receipts are computed again from public data`);
    const verifier = createVerifier({ connection: { db, sql }, manifest });
    const surprises: string[] = [];
    let verified = 0;
    const asked = await sql<{ id: Hex }[]>`select request_id as id from ${own}`;
    for (const { id } of asked) {
      const verdict = await verifier.receipt(id);
      if (verdict.differences.length === 0) verified += 1;
      else surprises.push(lineOf(verdict));
    }
    if (claims === 0) surprises.push('no answer paid any contributor');
    return { receipts_verified: verified, claims, surprises };
  } finally {
    await session.close();
    await close();
  }
};

/** Pia asks what the texts answer. */
const askAll = async (
  { urls, manifest }: Stack,
  session: Session,
  { data, modelId, until }: { data: Data; modelId: bigint; until: Until },
): Promise<void> => {
  const pia = player('pia', personaKey('pia'));
  await session.send(player('lior', personaKey('lior')), 'Open', 'transfer', [pia.address, parseEther('50')]);
  await session.send(pia, 'Open', 'approve', [session.address('InferenceEscrow'), parseEther('50')]);
  await session.send(pia, 'InferenceEscrow', 'deposit', [parseEther('50')]);
  const asker = createAsker({ name: 'pia', apiUrl: urls.api, manifest, signal: AbortSignal.timeout(patienceMs) });
  const examples = data.texts.flatMap(({ rows }) => rows.flatMap((row) => exampleOf(row) ?? []).slice(0, 1));
  let asked = 0;
  let why = '';
  // Until the worker has loaded the adapter, and the index the deposit, there is nobody to ask.
  await until(
    () => `An answer of the model (${why})`,
    async () => {
      try {
        await asker.ask(modelId, examples[asked % examples.length]!.question);
        asked += 1;
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
        await sleep(1_000);
      }
      return asked === questions;
    },
  );
};

/** Everybody who was granted something claims it. */
const claimAll = async (session: Session, sql: Sql, db: Parameters<typeof getContent>[0]): Promise<number> => {
  const [root] = await sql<{ hash: Hex }[]>`
    select ipfs_hash as hash from chain.reward_root where status = 'accepted' order by id desc limit 1`;
  const body = (await getContent(db, root!.hash))!.body!;
  const list = rewardListSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  const rewards = list.rewards.map(({ account, cumulativeAmount }) => ({
    account,
    cumulativeAmount: BigInt(cumulativeAmount),
  }));
  const { proofOf } = rewardTree(session.manifest.chainId, session.address('RewardDistributor'), rewards);
  let claims = 0;
  for (const { account, cumulativeAmount } of rewards) {
    if ((await session.view('RewardDistributor', 'claimed', [account])) === cumulativeAmount) continue;
    const args = [account, cumulativeAmount, proofOf(account)];
    await session.send(castPlayer('alice'), 'RewardDistributor', 'claim', args);
    claims += 1;
  }
  return claims;
};
