import { readFile } from 'node:fs/promises';
import { type ContractName, contractAbis } from '@openledger/protocol/abi';
import { Interface, type InterfaceAbi } from 'ethers';
import { beforeAll, describe, expect, it } from 'vitest';
import { apart, userFacing } from './gas/calls.ts';
import { measureGas } from './gas/measure.ts';
import { type GasRow, gasChanges, gasRows, listed, parseGas, renderGas } from './gas/table.ts';

const document = await readFile(new URL('../../protocol/GAS.md', import.meta.url), 'utf8');

describe('the gas table', () => {
  let measured: readonly GasRow[];

  beforeAll(async () => {
    measured = await measureGas();
  }, 120_000);

  it('still tells what calls cost: none moved by more than 2 % (else run `npm run gas` and review the difference)', () => {
    expect(gasChanges(parseGas(document), measured.filter(listedForUsers), 0.02)).toEqual([]);
  });

  it('has a row for every call users send', () => {
    const rows = parseGas(document);
    const missing = Object.entries(userFacing).flatMap(([contract, calls]) =>
      Object.keys(calls).filter(
        (signature) => !rows.some((row) => row.contract === contract && row.signature === signature),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('lists every function that changes something either for users or apart, and none that is gone', () => {
    const listedCalls = [userFacing, apart]
      .flatMap((calls) =>
        Object.entries(calls).flatMap(([contract, of]) => Object.keys(of).map((call) => `${contract}.${call}`)),
      )
      .sort();
    expect(listedCalls).toEqual(changingFunctions().sort());
  });
});

describe('comparing gas', () => {
  const row: GasRow = {
    contract: 'Open',
    signature: 'burn(uint256)',
    when: '',
    min: 1_000,
    median: 1_000,
    max: 1_000,
    samples: 1,
  };

  it('notices a call that became 3 % dearer, one that is new and one that is gone', () => {
    const dearer = { ...row, max: 1_030 };
    const other = { ...row, when: 'all of it' };
    expect(gasChanges([row], [dearer, other], 0.02)).toEqual([
      'Open.burn(uint256): max 1,000 → 1,030 (+3.0 %)',
      'Open.burn(uint256) (all of it): not in GAS.md',
    ]);
    expect(gasChanges([row], [], 0.02)).toEqual(['Open.burn(uint256): no longer measured']);
    expect(gasChanges([row], [{ ...row, median: 1_020 }], 0.02)).toEqual([]);
  });

  it('reads back what it wrote', () => {
    const samples = [
      { contract: 'Open', signature: 'burn(uint256)', when: '2 holders', items: 2, samples: [33_847n, 40_000n] },
    ] as const;
    const rows = gasRows(samples);
    expect(rows).toEqual([
      { ...row, when: '2 holders', min: 33_847, median: 36_923, max: 40_000, each: 18_462, samples: 2 },
    ]);
    expect(parseGas(renderGas(rows))).toEqual(rows);
  });
});

function listedForUsers({ contract, signature }: GasRow): boolean {
  return listed(userFacing, contract, signature);
}

/** `Contract.signature` of every function in the ABIs that is neither view nor pure. */
function changingFunctions(): string[] {
  const names: string[] = [];
  for (const [contract, abi] of Object.entries(contractAbis) as [ContractName, InterfaceAbi][]) {
    new Interface(abi).forEachFunction((call) => {
      if (!call.constant) names.push(`${contract}.${call.format('sighash')}`);
    });
  }
  return names;
}
