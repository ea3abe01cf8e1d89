import { parseEther, toBeHex } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadArtifacts } from '../../src/compile/index.ts';
import type { Call, Hex } from './call.ts';
import { type Arena, startArena } from './chain.ts';
import { createDriver, type Driver } from './driver.ts';
import { requestIdOf } from './hashes.ts';
import { algorithm } from './plans/governance.ts';
import { createRandom } from './random.ts';
import { roles } from './shadow/stakes.ts';
import { createShadow } from './shadow/state.ts';
import { compileHarness, type Stage, setStage } from './stage.ts';
import { call, createWorld, sign } from './world.ts';

/** What an attacker could do before; found while the contracts were read for the fuzz. */
let chain: Arena;
let stage: Stage;
let driver: Driver;
let now: bigint;

beforeAll(async () => {
  chain = await startArena();
  stage = await setStage(chain, await loadArtifacts(), await compileHarness(), 'found');
  driver = await createDriver(stage);
  now = await driver.time();
}, 120_000);
afterAll(() => chain?.stop());

/** Carries calls out in one block, a second later. @returns whether each passed. */
async function play(...calls: readonly Call[]): Promise<readonly boolean[]> {
  now += 1n;
  const { outcomes } = await driver.mine(calls, now);
  return outcomes.map(({ success }) => success);
}

const word = (value: bigint | string) => toBeHex(value, 32) as Hex;
const bond = parseEther('10');

describe('who answers for a worker', () => {
  it('keeps the stake of the operator who posted a batch within reach after the worker was handed on', async () => {
    const { owners, workers, operators, payers, disputers, timelock, validators } = stage.cast;
    const [owner, worker, partner, payer, disputer] = [
      owners[0]!,
      workers[0]!,
      operators[0]!,
      payers[0]!,
      disputers[0]!,
    ];
    const world = createWorld(stage, createShadow(stage.setting), createRandom(1));
    const voucher = [payer, worker, 1_000n, now + 100n];
    const nonce = word(1n);
    const requestId = requestIdOf(stage.setting.chainId, stage.setting.addresses.InferenceEscrow, worker, payer, nonce);
    const attribution = [requestId, [], [], 350n];
    const inference = [nonce, 1n, 1n, 1n, 1n, 1_000n, nonce];
    const passed = await play(
      call('ModelRegistry', 'registerModel', owner, [nonce, 'model', 'ipfs://model']),
      call('ModelRegistry', 'publishVersion', owner, [1n, nonce, 'ipfs://adapter', nonce, 8n, []]),
      call('ModelRegistry', 'registerWorker', worker, ['https://worker.example']),
      call('StakeManager', 'stake', worker, [roles.worker, BigInt(worker), parseEther('50')]),
      call('StakeManager', 'stake', validators[0]!, [roles.validator, 1n, parseEther('50')]),
      call('InferenceEscrow', 'deposit', payer, [1_000n]),
      call('InferenceEscrow', 'settle', worker, [[[voucher, sign(world, payer, 'Voucher', voucher), [inference]]]]),
      call('AttributionLedger', 'setAlgorithm', timelock, [algorithm, true, 'ipfs://method', nonce]),
      call('AttributionLedger', 'postBatch', worker, [
        worker,
        algorithm,
        nonce,
        nonce,
        'ipfs://receipts',
        [attribution],
      ]),
      call('ModelRegistry', 'setWilling', partner, [worker, true]),
      call('ModelRegistry', 'transferWorker', worker, [worker, partner, 'https://partner.example']),
      call('DisputeResolver', 'raise', disputer, [1n, word(1n), nonce, nonce, 'ipfs://evidence', bond]),
      call('DisputeResolver', 'resolve', timelock, [1n, true, [1n], [parseEther('50')]]),
    );
    expect(passed).toEqual(passed.map(() => true));
    const slashed = await driver.read('StakeManager', 'stakes', [1n]);
    expect(slashed[0].amount).toBe(0n);
  });

  it('lets nobody freeze a stranger’s stake by handing it a worker and disputing that', async () => {
    const { workers, validators, outsiders } = stage.cast;
    const [worker, victim, attacker] = [workers[1]!, validators[0]!, outsiders[0]!];
    expect(
      await play(
        call('ModelRegistry', 'registerWorker', worker, ['https://worker.example']),
        call('ModelRegistry', 'transferWorker', worker, [worker, victim, 'https://victim.example']),
        call('DisputeResolver', 'raise', attacker, [3n, word(worker), word(0n), word(0n), 'ipfs://nothing', bond]),
      ),
    ).toEqual([true, false, true]);
    expect(await driver.read('StakeManager', 'openDisputes', [victim])).toEqual([0n]);
    expect(await driver.read('StakeManager', 'openDisputes', [worker])).toEqual([1n]);
  });
});

describe('rows of contributions', () => {
  it('cannot be claimed so large that the datanet takes no further contribution', async () => {
    const [owner, liar] = [stage.cast.owners[1]!, stage.cast.contributors[0]!];
    const submit = (hash: bigint, rows: bigint) =>
      call('DatanetRegistry', 'submitContribution', liar, [1n, word(hash), 'ipfs://data', word(0n), rows]);
    expect(
      await play(
        call('DatanetRegistry', 'createDatanet', owner, ['datanet', 'ipfs://about', word(0n), 0n, 0n, 0n, 0n, 60n]),
        submit(1n, 2n ** 64n - 1n),
        submit(2n, 10n ** 12n),
        submit(3n, 1n),
        call('DatanetRegistry', 'decideContribution', owner, [1n, true, word(0n)]),
        call('DatanetRegistry', 'decideContribution', owner, [2n, true, word(0n)]),
      ),
    ).toEqual([true, false, true, true, true, true]);
  });
});
