import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, loadArtifacts } from '../compile/index.ts';
import { abiName, emittableEvents, renderAbis } from '../compile/render.ts';
import { listSolidity, readSources } from '../compile/sources.ts';
import { contractAbis, contractNames, protocolEvents } from './index.ts';

const folder = join(import.meta.dirname, 'generated');
let rendered: Readonly<Record<string, string>>;
beforeAll(async () => {
  rendered = await renderAbis();
});

test('the committed ABIs are those of the committed contracts (else: npm run -w protocol generate)', async () => {
  const committed: Record<string, string> = {};
  for (const name of await readdir(folder)) committed[name] = await readFile(join(folder, name), 'utf8');
  expect(committed).toEqual(rendered);
});

test('ABI names read as the contracts do', () => {
  expect(['DatanetRegistry', 'GOPEN', 'Open', 'OpenGovernor'].map(abiName)).toEqual([
    'datanetRegistryAbi',
    'gopenAbi',
    'openAbi',
    'openGovernorAbi',
  ]);
});

describe('events that can happen', () => {
  test('every event that the interfaces promise can be emitted', async () => {
    for (const [name, artifact] of Object.entries((await compileInterfaces()).artifacts)) {
      const contract = contractNames.find((candidate) => `I${candidate}` === name);
      if (contract === undefined) continue;
      const promised = artifact.abi.filter((entry) => entry.type === 'event').map((entry) => entry.name);
      expect(protocolEvents[contract]).toEqual(expect.arrayContaining(promised));
    }
  });

  test('what is only declared is the two events that nothing emits, so an indexer waits for none in vain', async () => {
    const artifacts = await loadArtifacts();
    const silent = contractNames.flatMap((name) => {
      const emitted: readonly string[] = protocolEvents[name];
      return contractAbis[name].flatMap((entry) =>
        entry.type === 'event' && !emitted.includes(entry.name) ? [entry.name] : [],
      );
    });
    expect([...new Set(silent)].sort()).toEqual(['EIP712DomainChanged', 'RoleAdminChanged']);
    for (const name of contractNames) expect(emittableEvents(artifacts[name])).toEqual(protocolEvents[name]);
  });

  test('an event whose only emitter is unreachable is told from one that a call can emit', async () => {
    const source = `// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.28;
      contract Base {
        struct Pair { uint256 a; address b; }
        event Said(Pair[] pairs, string text);
        event Unsaid(uint256 value);
        function _never(uint256 value) internal { emit Unsaid(value); }
      }
      contract Speaker is Base {
        event Born();
        constructor() { emit Born(); }
        function say(Pair[] calldata pairs) external { emit Said(pairs, ""); }
      }`;
    const { artifacts } = await compile({ 'contracts/Speaker.sol': source }, ['contracts/Speaker.sol']);
    expect(emittableEvents(artifacts.Speaker!)).toEqual(['Born', 'Said']);
  });
});

async function compileInterfaces() {
  const units = await listSolidity('contracts/interfaces');
  return compile(await readSources(units), units);
}
