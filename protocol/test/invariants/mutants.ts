import { type Artifacts, compile } from '../../src/compile/index.ts';
import { readSources } from '../../src/compile/sources.ts';
import type { Target } from './call.ts';
import type { Invariant } from './violation.ts';

/** A deliberately broken copy of a contract: what is broken, and which invariant goes with it. */
export type Mutant = {
  readonly name: string;
  readonly invariant: Exclude<Invariant, 0>;
  readonly contract: Target;
  /** Each text stands exactly once in the contract's source. */
  readonly patches: readonly (readonly [find: string, replace: string])[];
};

export const mutants: readonly Mutant[] = [
  {
    name: 'the remainder of a fee is dropped',
    invariant: 1,
    contract: 'InferenceEscrow',
    patches: [
      ['fee - parts.platform - parts.model - parts.worker - parts.stakers', '(fee * split.contributorsBps) / BPS'],
    ],
  },
  {
    name: 'an attribution may leave some of the contributors’ part out',
    invariant: 1,
    contract: 'AttributionLedger',
    patches: [['a.unattributed != request.contributorsPart', 'a.unattributed > request.contributorsPart']],
  },
  {
    name: 'earnings stay after they were withdrawn',
    invariant: 2,
    contract: 'InferenceEscrow',
    patches: [['        earnings[account] = 0;\n', '']],
  },
  {
    name: 'a withdrawal stays open for ever once it was asked for',
    invariant: 2,
    contract: 'InferenceEscrow',
    patches: [['if (block.timestamp > p.expiresAt) revert WithdrawalExpired(msg.sender, p.expiresAt);', '']],
  },
  {
    name: 'claims may exceed what the epochs brought in',
    invariant: 2,
    contract: 'RewardDistributor',
    patches: [['if (amount > available) revert', 'if (amount > OPEN.totalSupply()) revert']],
  },
  {
    name: 'a request settles again',
    invariant: 3,
    contract: 'InferenceEscrow',
    patches: [['if (_settled[requestId].worker != address(0)) revert RequestAlreadySettled(requestId);', '']],
  },
  {
    name: 'a voucher pays its amount each time',
    invariant: 3,
    contract: 'InferenceEscrow',
    patches: [['if (cumulative > voucher.cumulativeAmount)', 'if (total > voucher.cumulativeAmount)']],
  },
  {
    name: 'a validator’s score counts again',
    invariant: 3,
    contract: 'DatanetRegistry',
    patches: [['        commitments[contributionId][validator] = REVEALED;\n', '']],
  },
  {
    name: 'a batch pays before its window has passed',
    invariant: 4,
    contract: 'AttributionLedger',
    patches: [['if (block.timestamp < b.challengeDeadline) revert ChallengeOpen(batchId, b.challengeDeadline);', '']],
  },
  {
    name: 'the end of one dispute lets a target pay that others still dispute',
    invariant: 4,
    contract: 'DisputeResolver',
    patches: [
      ['if (--openDisputes[d.targetType][d.targetId] == 0) _set', 'openDisputes[d.targetType][d.targetId]--; _set'],
    ],
  },
  {
    name: 'a revoked batch pays',
    invariant: 4,
    contract: 'AttributionLedger',
    patches: [['        b.status = BatchStatus.Revoked;\n', '']],
  },
  {
    name: 'the requests of a revoked batch stay taken',
    invariant: 4,
    contract: 'AttributionLedger',
    patches: [['previous != 0 && _batches[previous].status != BatchStatus.Revoked', 'previous != 0']],
  },
  {
    name: 'a reward leaf does not say its chain',
    invariant: 5,
    contract: 'RewardDistributor',
    patches: [['abi.encode(block.chainid, address(this), account', 'abi.encode(address(this), account']],
  },
  {
    name: 'a score commitment does not say its chain',
    invariant: 5,
    contract: 'DatanetRegistry',
    patches: [['abi.encode(block.chainid, address(this), contributionId', 'abi.encode(address(this), contributionId']],
  },
  {
    name: 'a voucher does not say its chain',
    invariant: 5,
    contract: 'InferenceEscrow',
    patches: [
      [
        'return _hashTypedDataV4(\n            keccak256(abi.encode(VOUCHER_TYPEHASH',
        'return _onAnyChain(\n            keccak256(abi.encode(VOUCHER_TYPEHASH',
      ],
      [
        '    // --- inside ---\n',
        `    function _onAnyChain(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256("EIP712Domain(string name,string version,address verifyingContract)");
        bytes32 name = keccak256("OpenLedger InferenceEscrow");
        bytes32 separator = keccak256(abi.encode(domain, name, keccak256("1"), address(this)));
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
`,
      ],
    ],
  },
  {
    name: 'a relayer’s authorisation can be used again',
    invariant: 5,
    contract: 'DatanetRegistry',
    patches: [['expiresAt, _useNonce(account), deadline)', 'expiresAt, nonces(account), deadline)']],
  },
  {
    name: 'anybody commits to a score in a validator’s name',
    invariant: 5,
    contract: 'DatanetRegistry',
    patches: [['        _checkRelayer(validator);\n        _commit(', '        _commit(']],
  },
  {
    name: 'slashed stake goes back to its owner',
    invariant: 6,
    contract: 'StakeManager',
    patches: [['OPEN.safeTransfer(beneficiary, taken)', 'OPEN.safeTransfer(s.account, taken)']],
  },
  {
    name: 'the winner of a dispute gets nothing',
    invariant: 6,
    contract: 'DisputeResolver',
    patches: [['STAKES.slash(stakeId, share, disputeId, winner)', 'STAKES.slash(stakeId, share, disputeId, TREASURY)']],
  },
  {
    name: 'a resolved dispute announces half of what was slashed',
    invariant: 6,
    contract: 'DisputeResolver',
    patches: [['taken += STAKES.slash', 'taken = STAKES.slash']],
  },
  {
    name: 'the bond of a rejected contribution goes to its contributor',
    invariant: 6,
    contract: 'DatanetRegistry',
    patches: [['type(uint256).max, 0, TREASURY)', 'type(uint256).max, 0, c.contributor)']],
  },
];

/** Compiles every mutant in one go. @returns for each, the protocol's artifacts with the broken copy in place. */
export async function compileMutants(artifacts: Artifacts): Promise<readonly Artifacts[]> {
  const originals = await readSources([...new Set(mutants.map(({ contract }) => `contracts/${contract}.sol`))]);
  const copies = mutants.map((mutant, index) => {
    const name = `${mutant.contract}Mutant${index}`;
    return { name, unit: `contracts/${name}.sol`, source: breakSource(mutant, originals, name) };
  });
  const sources = await readSources([], Object.fromEntries(copies.map(({ unit, source }) => [unit, source])));
  const { artifacts: broken } = await compile(
    sources,
    copies.map(({ unit }) => unit),
  );
  return mutants.map(({ contract }, index) => ({ ...artifacts, [contract]: broken[copies[index]!.name]! }));
}

/** @throws Error when a patch does not fit the source any more. */
function breakSource(
  { name, contract, patches }: Mutant,
  originals: Readonly<Record<string, string>>,
  as: string,
): string {
  let source = originals[`contracts/${contract}.sol`] ?? '';
  for (const [find, replace] of [...patches, [`contract ${contract} is`, `contract ${as} is`] as const]) {
    const parts = source.split(find);
    if (parts.length !== 2) {
      throw new Error(`Mutant "${name}": ${JSON.stringify(find)} stands ${parts.length - 1} times in ${contract}.sol.`);
    }
    source = parts.join(replace);
  }
  return source;
}
