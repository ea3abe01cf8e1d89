import { expect, test } from 'vitest';
import { type AbiEntry, loadArtifacts, loadHarness } from '../compile/index.ts';
import { emittableEvents } from '../compile/render.ts';
import { contractNames, type PublishedContract, publishedAbis } from './index.ts';

// The published contracts' sources are not here. Their events are written by hand, and the contracts that stand in for
// them in tests must emit exactly those: a test over other events would say nothing of the real ones.

const artifacts = async () => {
  const [{ Open, OpenGovernor }, harness] = [await loadArtifacts(), await loadHarness()];
  return {
    EthereumOpen: Open,
    L2Wopen: harness.PublishedWopen!,
    L2Gopen: harness.PublishedGopen!,
    L2Governor: OpenGovernor,
    L2Staking: harness.PublishedStaking!,
    L2Airdrop: harness.PublishedAirdrop!,
  };
};

test.each(Object.keys(publishedAbis) as PublishedContract[])('%s is stood in for event by event', async (contract) => {
  const artifact = (await artifacts())[contract];
  const emitted = emittableEvents(artifact);
  const compiled = artifact.abi.filter(({ type, name }) => type === 'event' && emitted.includes(name!));
  expect(compiled.map(shape).sort()).toEqual(publishedAbis[contract].map(shape).sort());
});

test('nothing that only stands in is deployed with the protocol', async () => {
  expect(contractNames.filter((name) => /^Published/.test(name))).toEqual([]);
  expect(Object.keys(await loadArtifacts()).filter((name) => /^Published/.test(name))).toEqual([]);
});

/** `Deposit(address indexed dst,uint256 wad)` */
const shape = ({ name, inputs }: AbiEntry | (typeof publishedAbis)[PublishedContract][number]) => {
  const parameters = inputs as readonly { type: string; indexed?: boolean; name: string }[];
  return `${name}(${parameters.map((input) => `${input.type}${input.indexed ? ' indexed' : ''} ${input.name}`)})`;
};
