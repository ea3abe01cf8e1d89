import { id, parseEther, toBeHex } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadArtifacts } from '../../src/compile/index.ts';
import type { Call, Hex } from './call.ts';
import { type Arena, startArena } from './chain.ts';
import { createDriver, type Driver } from './driver.ts';
import { requestIdOf } from './hashes.ts';
import { algorithm } from './plans/governance.ts';
import { createRandom } from './random.ts';
import { targets } from './shadow/disputes.ts';
import { createShadow } from './shadow/state.ts';
import { compileHarness, type Stage, setStage } from './stage.ts';
import { call, createWorld, sign, type World } from './world.ts';

/** What an attacker could do before; found by the fuzz's authors while they wrote its shadow. */
let chain: Arena;
let stage: Stage;
let driver: Driver;
let world: World;
let now: bigint;

const word = (value: bigint | string) => toBeHex(value, 32) as Hex;
const nothing = word(0n);
const worth = parseEther('10');

beforeAll(async () => {
  chain = await startArena();
  stage = await setStage(chain, await loadArtifacts(), await compileHarness(), 'shields');
  driver = await createDriver(stage);
  world = createWorld(stage, createShadow(stage.setting), createRandom(1));
  now = await driver.time();
  const [owner, worker] = [stage.cast.owners[0]!, stage.cast.workers[0]!];
  await mustPass(
    call('ModelRegistry', 'registerModel', owner, [word(1n), 'model', 'ipfs://model']),
    call('ModelRegistry', 'publishVersion', owner, [1n, word(1n), 'ipfs://adapter', nothing, 8n, []]),
    call('ModelRegistry', 'registerWorker', worker, ['https://worker.example']),
    call('AttributionLedger', 'setAlgorithm', stage.cast.timelock, [algorithm, true, 'ipfs://method', nothing]),
    call('DatanetRegistry', 'createDatanet', owner, ['datanet', 'ipfs://about', nothing, 0n, 0n, 0n, 0n, 60n]),
  );
}, 120_000);
afterAll(() => chain?.stop());

/** Carries calls out in one block, a second later or at a given time. @returns whether each passed. */
async function play(calls: readonly Call[], at = now + 1n): Promise<readonly boolean[]> {
  now = at;
  const { outcomes } = await driver.mine(calls, now);
  return outcomes.map(({ success }) => success);
}

async function mustPass(...calls: readonly Call[]): Promise<void> {
  expect(await play(calls)).toEqual(calls.map(() => true));
}

/** The worker answers a payer who deposits for it, and settles. @returns the request's id. */
async function answer(payer: Hex, seed: bigint): Promise<Hex> {
  const worker = stage.cast.workers[0]!;
  const voucher = [payer, worker, parseEther('1'), now + 10_000n];
  const inference = [word(seed), 1n, 1n, 1n, 1n, 1_000n, nothing];
  await mustPass(
    call('InferenceEscrow', 'deposit', payer, [1_000n]),
    call('InferenceEscrow', 'settle', worker, [[[voucher, sign(world, payer, 'Voucher', voucher), [inference]]]]),
  );
  return requestIdOf(stage.setting.chainId, stage.setting.addresses.InferenceEscrow, worker, payer, word(seed));
}

const post = (requestId: Hex) => {
  const worker = stage.cast.workers[0]!;
  const attributions = [[requestId, [], [], 350n]];
  return call('AttributionLedger', 'postBatch', worker, [
    ...[worker, algorithm, nothing, nothing, 'ipfs://receipts'],
    attributions,
  ]);
};
const raise = (from: Hex, targetType: bigint, targetId: Hex) =>
  call('DisputeResolver', 'raise', from, [targetType, targetId, nothing, nothing, 'ipfs://evidence', worth]);
const resolve = (disputeId: bigint, upheld: boolean) =>
  call('DisputeResolver', 'resolve', stage.cast.timelock, [disputeId, upheld, [], []]);

describe('a payer’s withdrawal', () => {
  const payers = () => [stage.cast.payers[2]!, stage.cast.payers[3]!] as const;
  const withdraw = (payer: Hex) => call('InferenceEscrow', 'withdraw', payer, []);
  const request = (payer: Hex) => call('InferenceEscrow', 'requestWithdrawal', payer, [500n]);

  it('cannot be asked for early and taken in front of a settlement much later', async () => {
    const [payer] = payers();
    await mustPass(call('InferenceEscrow', 'deposit', payer, [500n]), request(payer));
    const [, , availableAt, expiresAt] = await driver.read('InferenceEscrow', 'payers', [payer]);
    expect([availableAt, expiresAt]).toEqual([now + 60n, now + 120n]);
    expect(await play([withdraw(payer)], expiresAt + 1n)).toEqual([false]);

    const { InferenceEscrow } = stage.setting.addresses;
    const { InferenceEscrow: coder } = stage.interfaces;
    const data = coder.encodeFunctionData('withdraw', []);
    await expect(chain.call('eth_call', [{ from: payer, to: InferenceEscrow, data }, 'latest'])).rejects.toThrow(
      coder.encodeErrorResult('WithdrawalExpired', [payer, expiresAt]).slice(0, 10),
    );
    // The voucher signed meanwhile is worth what it says.
    await answer(payer, 1n);
  });

  it('is open from the first second to the last one, and can be asked for again', async () => {
    const [first, second] = payers();
    await mustPass(...[first, second].map((payer) => call('InferenceEscrow', 'deposit', payer, [500n])));
    await mustPass(request(first), request(second));
    const asked = now;
    expect(await play([withdraw(first)], asked + 59n)).toEqual([false]);
    expect(await play([withdraw(first)], asked + 60n)).toEqual([true]);
    expect(await play([withdraw(second)], asked + 120n)).toEqual([true]);
  });

  it('is not opened again by a longer delay', async () => {
    const [payer] = payers();
    const longer = call('InferenceEscrow', 'setParameter', stage.cast.timelock, [id('WITHDRAWAL_DELAY'), 86_400n]);
    await mustPass(call('InferenceEscrow', 'deposit', payer, [500n]), request(payer));
    expect(await play([longer, withdraw(payer)], now + 121n)).toEqual([true, false]);
  });
});

describe('a dispute that the accused raises about itself', () => {
  const accused = () => stage.cast.workers[0]!;
  const finalize = (batchId: bigint) => call('AttributionLedger', 'finalizeBatch', accused(), [batchId]);
  const expire = (disputeId: bigint) => call('DisputeResolver', 'expire', accused(), [disputeId]);
  const read = async (contract: 'AttributionLedger' | 'DatanetRegistry', fn: string, number: bigint) =>
    (await driver.read(contract, fn, [number]))[0];
  const disputeCount = async () => (await driver.read('DisputeResolver', 'disputeCount', []))[0] as bigint;

  it('keeps nobody else from disputing its batch, and its end does not let the batch pay', async () => {
    const [honest, late] = stage.cast.disputers as [Hex, Hex];
    const batch = word(1n);
    await mustPass(post(await answer(stage.cast.payers[0]!, 2n)), raise(accused(), targets.batch, batch));
    const raised = now;
    expect(await play([raise(accused(), targets.batch, batch), raise(honest, targets.batch, batch)])).toEqual([
      false,
      true,
    ]);
    await mustPass(raise(late, targets.batch, batch));
    expect(await driver.read('DisputeResolver', 'openDisputes', [targets.batch, batch])).toEqual([3n]);

    expect(await play([expire(1n), finalize(1n)], raised + 400n)).toEqual([true, false]);
    await mustPass(resolve(2n, true));
    expect((await read('AttributionLedger', 'batch', 1n)).status).toBe(3n);
    // What is left to judge about it neither fails nor undoes it twice.
    await mustPass(resolve(3n, true));
    expect(await play([finalize(1n)])).toEqual([false]);
    expect((await read('AttributionLedger', 'batch', 1n)).challenged).toBe(false);
    expect(await driver.read('StakeManager', 'openDisputes', [accused()])).toEqual([0n]);
    await mustPass(
      call('StakeManager', 'withdrawStake', honest, [2n]),
      call('StakeManager', 'withdrawStake', late, [3n]),
    );
  });

  it('does not free a batch when others’ disputes are rejected before it ends, but pays once all have', async () => {
    const [friend, honest] = stage.cast.disputers as [Hex, Hex];
    const before = await disputeCount();
    const batchId = 2n;
    await mustPass(
      post(await answer(stage.cast.payers[1]!, 3n)),
      raise(friend, targets.batch, word(batchId)),
      raise(honest, targets.batch, word(batchId)),
    );
    const raised = now;
    expect(await play([resolve(before + 2n, false), finalize(batchId)], raised + 200n)).toEqual([true, false]);
    expect(await play([expire(before + 1n), finalize(batchId)], raised + 400n)).toEqual([true, true]);
  });

  it('keeps nobody else from disputing its reward root', async () => {
    const { rootProposer, outsiders, disputers } = stage.cast;
    const [friend, honest] = [outsiders[0]!, disputers[0]!];
    const before = await disputeCount();
    const root = word(77n);
    const accept = call('RewardDistributor', 'acceptRoot', rootProposer, [1n]);
    await mustPass(
      call('RewardDistributor', 'closeEpoch', honest, []),
      call('RewardDistributor', 'proposeRoot', rootProposer, [1n, root, nothing, 'ipfs://tree']),
      raise(friend, targets.root, root),
      raise(honest, targets.root, root),
    );
    const raised = now;
    expect(await play([resolve(before + 1n, false), accept], raised + 80n)).toEqual([true, false]);
    expect(await play([resolve(before + 2n, true), accept])).toEqual([true, false]);
  });

  it('leaves a contribution open to others, which costs its contributor one penalty however many are upheld', async () => {
    const [owner, author] = [stage.cast.owners[0]!, stage.cast.contributors[0]!];
    const [first, second] = stage.cast.disputers as [Hex, Hex];
    const before = await disputeCount();
    await mustPass(
      call('DatanetRegistry', 'submitContribution', author, [1n, word(9n), 'ipfs://data', nothing, 1n]),
      call('DatanetRegistry', 'decideContribution', owner, [1n, true, nothing]),
      ...[author, first, second].map((from) => raise(from, targets.contribution, word(1n))),
    );
    await mustPass(resolve(before + 2n, true), resolve(before + 3n, true));
    expect((await read('DatanetRegistry', 'contribution', 1n)).status).toBe(4n);
    expect(await driver.read('StakeManager', 'penalty', [1n, author])).toEqual([parseEther('0.5')]);
    expect(await play([expire(before + 1n)], now + 400n)).toEqual([true]);
  });
});
