import type { Hex } from '@openledger/db/chain';
import { id as keccakOf } from 'ethers';
import { address, type Rows } from '../world.ts';
import { at, contract, event, OPEN, people, provenance } from './base.ts';

const { alice, bruno, chiara, dora, emil, hana } = people;

/** Stakes, votes, tokens and vesting. */
export const moneyRows = (): Partial<Rows> =>
  ({
    stake: [
      {
        id: 1n,
        account: dora,
        roleId: keccakOf('VALIDATOR') as Hex,
        role: 'validator' as const,
        targetId: 1n,
        amount: OPEN * 500n,
        staked: OPEN * 500n,
        withdrawn: 0n,
        slashed: 0n,
        pendingUnstake: 0n,
        availableAt: 0n,
        ...provenance(30),
      },
    ],
    escrowAccount: [
      {
        account: hana,
        balance: OPEN * 92n,
        deposited: OPEN * 100n,
        spent: OPEN * 8n,
        withdrawn: 0n,
        pendingWithdrawal: 0n,
        withdrawableAt: 0n,
        earned: 0n,
        earningsWithdrawn: 0n,
        ...provenance(99_000),
      },
    ],
    proposal: [
      {
        id: 42n,
        eventId: event(60_000).id,
        proposer: alice,
        description: 'Lower the least bond of a contribution to 0.5 OPEN',
        actions: [],
        voteStart: at(61_000),
        voteEnd: at(80_000),
        status: 'executed' as const,
        eta: at(85_000),
        forVotes: OPEN * 700n,
        againstVotes: OPEN * 120n,
        abstainVotes: 0n,
        voters: 2,
        ...provenance(60_000, 86_000),
      },
    ],
    vote: [
      {
        proposalId: 42n,
        voter: alice,
        support: 'for' as const,
        weight: OPEN * 700n,
        reason: 'More people can take part.',
        params: null,
        ...provenance(62_000),
      },
      {
        proposalId: 42n,
        voter: emil,
        support: 'against' as const,
        weight: OPEN * 120n,
        reason: '',
        params: null,
        ...provenance(63_000),
      },
    ],
    token: [
      {
        address: contract('Open'),
        symbol: 'OPEN',
        totalSupply: OPEN * 1_000_000_000n,
        holders: 6,
        transfers: 31n,
        ...provenance(1),
      },
      {
        address: contract('GOPEN'),
        symbol: 'GOPEN',
        totalSupply: OPEN * 820n,
        holders: 2,
        transfers: 2n,
        ...provenance(1),
      },
    ],
    tokenBalance: [
      [alice, 2_000_000n],
      [bruno, 1_200n],
      [chiara, 900n],
      [dora, 400n],
      [address(300), 140_000_000n],
      [contract('TimelockController'), 600_000_000n],
    ].map(([account, amount]) => ({
      token: contract('Open'),
      account: account as Hex,
      balance: OPEN * (amount as bigint),
      votes: 0n,
      delegate: null,
      ...provenance(3),
    })),
    vestingWallet: [
      {
        address: address(300),
        beneficiary: address(301),
        name: 'team',
        start: 1_758_464_000n,
        cliff: 1_790_000_000n,
        end: 1_884_608_000n,
        allocation: OPEN * 150_000_000n,
        released: OPEN * 10_000_000n,
        releases: 1,
        ...provenance(2, 90_000),
      },
    ],
    vestingRelease: [{ ...event(90_000), wallet: address(300), token: contract('Open'), amount: OPEN * 10_000_000n }],
  }) as Partial<Rows>;
