import { toBeHex } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadArtifacts } from '../../src/compile/index.ts';
import type { Call, Hex } from './call.ts';
import { type Arena, startArena } from './chain.ts';
import { createDriver, type Driver } from './driver.ts';
import { scoreCommitment } from './hashes.ts';
import { encodeInner } from './shadow/multicall.ts';
import { compileHarness, type Stage, setStage } from './stage.ts';
import { call } from './world.ts';

/** What a relaying service may do for those who trust it, many things at once, and what it may not. */
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

const word = (value: bigint) => toBeHex(value, 32) as Hex;
const registry = (fn: string, from: Hex, ...args: Call['args']) => call('DatanetRegistry', fn, from, args);
const batch = (from: Hex, ...calls: readonly (readonly [fn: string, ...args: Call['args']])[]) =>
  registry(
    'multicall',
    from,
    calls.map(([fn, ...args]) => encodeInner(fn, args)),
  );

it('carries submissions and their reviews in batches, for those alone who authorised it, under every rule of theirs', async () => {
  const { owners, contributors, validators, relayers, guardian } = stage.cast;
  const [owner, contributor] = [owners[0]!, contributors[0]!];
  const [first, second, stranger] = validators as [Hex, Hex, Hex];
  const service = relayers[0]!;
  const { chainId, addresses } = stage.setting;
  const score = 9n * 10n ** 17n;
  const commitment = (id: bigint, validator: Hex) =>
    scoreCommitment(chainId, addresses.DatanetRegistry, id, validator, score, word(1n), word(2n));
  const content = (value: bigint) => [1n, word(value), 'ipfs://data', word(0n), 1n] as const;
  const commit = (id: bigint, validator: Hex) => ['commitScoreFor', validator, id, commitment(id, validator)] as const;
  const reveal = (validator: Hex) => ['revealScoreFor', validator, 1n, score, word(1n), word(2n)] as const;
  const authorise = (account: Hex) => registry('authorizeRelayer', account, service, now + 1_000n);

  expect(
    await play(
      registry('createDatanet', owner, 'datanet', 'ipfs://about', word(0n), 0n, 0n, score, 2n, 60n),
      ...[first, second, stranger].map((validator) => registry('setValidator', owner, 1n, validator, true)),
      ...[contributor, first, second].map(authorise),
      batch(
        service,
        ['submitContributionFor', contributor, ...content(1n)],
        ['submitContributionFor', first, ...content(2n)],
      ),
    ),
  ).not.toContain(false);

  expect(
    await play(
      // Nobody authorised this sender; this validator authorised nobody; this validator submitted it, and the batch with it.
      batch(relayers[1]!, commit(1n, first)),
      batch(service, commit(1n, stranger)),
      batch(service, commit(1n, first), commit(2n, first)),
      // The service itself submitted this contribution: it may carry its review all the same.
      batch(service, commit(1n, first), commit(1n, second)),
      batch(service, reveal(first), reveal(first)),
    ),
  ).toEqual([false, false, false, true, false]);

  const submission = ['submitContributionFor', contributor, ...content(3n)] as const;
  expect(
    await play(
      registry('pause', guardian),
      batch(service, submission),
      batch(service, ['multicall', [encodeInner(submission[0], submission.slice(1))]]),
      batch(service, reveal(first), reveal(second), ['finalizeContribution', 1n]),
    ),
  ).toEqual([true, false, false, true]);
  expect(await driver.read('DatanetRegistry', 'contributionCount', [])).toEqual([2n]);
  const [{ status, reveals }] = await driver.read('DatanetRegistry', 'contribution', [1n]);
  expect({ status, reveals }).toEqual({ status: 2n, reveals: 2n });
});

it('takes no ether with a batch, which could be counted once for each call', async () => {
  const data = stage.interfaces.DatanetRegistry.encodeFunctionData('multicall', [[]]);
  const transaction = { from: stage.cast.relayers[0], to: stage.setting.addresses.DatanetRegistry, data };
  await expect(chain.call('eth_call', [transaction, 'latest'])).resolves.toMatch(/^0x/);
  await expect(chain.call('eth_call', [{ ...transaction, value: '0x1' }, 'latest'])).rejects.toThrow();
});
