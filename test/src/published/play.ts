import { AbiCoder, getBytes, id, keccak256, parseEther, Wallet, ZeroAddress } from 'ethers';
import { type Ethereum, keys, type L2, type Person } from './stage.ts';

const open = parseEther;
const [alice, bob, carol, dave] = (['alice', 'bob', 'carol', 'dave'] as const).map((name) => keys[name].address) as [
  string,
  string,
  string,
  string,
];

/** Transfers, an approval, a transfer by it, and a burn. */
export const holdOpen = async ({ act }: Ethereum): Promise<void> => {
  await act('alice', 'EthereumOpen', 'transfer', [bob, open('400')]);
  await act('alice', 'EthereumOpen', 'transfer', [alice, open('1')]);
  await act('bob', 'EthereumOpen', 'approve', [carol, open('30')]);
  await act('carol', 'EthereumOpen', 'transferFrom', [bob, dave, open('30')]);
  await act('dave', 'EthereumOpen', 'transfer', [carol, open('30')]);
  await act('bob', 'EthereumOpen', 'burn', [open('100')]);
};

/** Coin wrapped in both ways, sent on, lost to the zero address, and unwrapped. */
export const wrapCoin = async ({ act, pay }: L2): Promise<void> => {
  await pay('alice', 'L2Wopen', open('5'));
  await act('alice', 'L2Wopen', 'deposit', [], open('3'));
  await act('alice', 'L2Wopen', 'transfer', [bob, open('2')]);
  await act('alice', 'L2Wopen', 'transfer', [alice, open('1')]);
  await act('alice', 'L2Wopen', 'transfer', [carol, 0n]);
  await act('alice', 'L2Wopen', 'approve', [carol, open('1')]);
  await act('carol', 'L2Wopen', 'transferFrom', [alice, dave, open('1')]);
  await act('bob', 'L2Wopen', 'transfer', [ZeroAddress, open('0.5')]);
  await act('bob', 'L2Wopen', 'withdraw', [open('1')]);
  await act('dave', 'L2Wopen', 'withdraw', [open('1')]);
};

/** Coin wrapped into votes, delegated, sent on with its votes, taken back. */
export const gatherVotes = async ({ act }: L2): Promise<void> => {
  await act('alice', 'L2Gopen', 'deposit', [], open('10'));
  await act('bob', 'L2Gopen', 'deposit', [], open('4'));
  await act('dave', 'L2Gopen', 'deposit', [], open('2'));
  await act('alice', 'L2Gopen', 'delegate', [alice]);
  await act('bob', 'L2Gopen', 'delegate', [alice]);
  await act('dave', 'L2Gopen', 'delegate', [dave]);
  await act('alice', 'L2Gopen', 'approve', [bob, open('3')]);
  await act('bob', 'L2Gopen', 'transferFrom', [alice, carol, open('3')]);
  await act('carol', 'L2Gopen', 'delegate', [carol]);
  await act('bob', 'L2Gopen', 'withdraw', [open('1')]);
  await act('bob', 'L2Gopen', 'delegate', [ZeroAddress]);
};

type Motion = readonly [calls: readonly string[], description: string];

const inFull = ({ at }: L2, [calls, description]: Motion) =>
  [calls.map(() => at.L2Governor), calls.map(() => 0n), calls, id(description)] as const;

/** Proposals: one that tunes every number and is carried out, one taken back, one left in the timelock, one still voted on. */
export const decide = async (s: L2): Promise<void> => {
  const { act, encode, chain } = s;
  const propose = (who: Person, [calls, description]: Motion) =>
    act(who, 'L2Governor', 'propose', [...inFull(s, [calls, description]).slice(0, 3), description]);
  const idOf = (motion: Motion) => s.look('L2Governor', 'hashProposal', ...inFull(s, motion)) as Promise<bigint>;
  const vote = async (who: Person, motion: Motion, support: number) =>
    act(who, 'L2Governor', 'castVote', [await idOf(motion), support]);
  const whole = '(address[],uint256[],bytes[],bytes32)';

  const tune: Motion = [
    [
      encode('L2Governor', 'setVotingDelay', [2n]),
      encode('L2Governor', 'setVotingPeriod', [12n]),
      encode('L2Governor', 'setProposalThreshold', [open('0.5')]),
      encode('L2Governor', 'updateQuorumNumerator', [20n]),
    ],
    'Tune',
  ];
  await propose('alice', tune);
  await chain.mine(2);
  await vote('alice', tune, 1);
  const ballot = [await idOf(tune), 0, 'Too \0early.', '0x0102'];
  await act('dave', 'L2Governor', 'castVoteWithReasonAndParams', ballot);
  await act('carol', 'L2Governor', 'castVoteWithReason', [await idOf(tune), 2, 'I do not know.']);
  await chain.mine(11);
  await act('bob', 'L2Governor', `queue${whole}`, inFull(s, tune));
  await chain.increaseTime(5);
  await act('bob', 'L2Governor', `execute${whole}`, inFull(s, tune));

  const mistake: Motion = [[encode('L2Governor', 'setVotingDelay', [9n])], 'Mistake'];
  await propose('carol', mistake);
  await act('carol', 'L2Governor', `cancel${whole}`, inFull(s, mistake));

  const waiting: Motion = [[encode('L2Governor', 'setVotingDelay', [3n])], 'Waiting'];
  await propose('dave', waiting);
  await chain.mine(3);
  await vote('alice', waiting, 1);
  await chain.mine(13);
  await act('dave', 'L2Governor', `queue${whole}`, inFull(s, waiting));

  const pending: Motion = [[encode('L2Governor', 'setVotingDelay', [4n])], 'Pending'];
  await propose('alice', pending);
  await chain.mine(3);
  await vote('carol', pending, 0);
};

/** Positions: one that ends, one on its way, two that stay. */
export const stakeCoin = async ({ act }: L2): Promise<void> => {
  await act('deployer', 'L2Staking', 'createConfig');
  await act('deployer', 'L2Staking', 'setConfig', [1n]);
  await act('alice', 'L2Staking', 'stake', [alice], open('3'));
  await act('bob', 'L2Staking', 'stake', [carol], open('4'));
  await act('dave', 'L2Staking', 'stake', [dave], open('5'));
  await act('bob', 'L2Staking', 'topUp', [1n], open('2'));
  await act('alice', 'L2Staking', 'commitStake', [1n, '0x']);
  await act('carol', 'L2Staking', 'commitStake', [2n, '0xc0ffee']);
  await act('alice', 'L2Staking', 'requestUnstake', [1n]);
  await act('carol', 'L2Staking', 'requestUnstake', [2n]);
  await act('alice', 'L2Staking', 'unstake', [1n]);
  await act('alice', 'L2Staking', 'stake', [alice], open('1'));
};

/** Signed airdrops of two contracts, one of them claimed by another than who is paid. */
export const claimAirdrops = async (s: L2): Promise<void> => {
  await claim(s, 'bob', 'L2Airdrop', 'first', dave, open('7'));
  await claim(s, 'carol', 'L2Airdrop', 'first', carol, open('8'));
  await claim(s, 'carol', 'secondAirdrop', 'first', carol, open('9'));
};

const claim = async (
  { act, at, chain }: L2,
  sender: Person,
  airdrop: 'L2Airdrop' | 'secondAirdrop',
  batchName: string,
  account: string,
  amount: bigint,
) => {
  const batch = id(batchName);
  const types = ['uint256', 'address', 'bytes32', 'address', 'uint256'];
  const word = keccak256(
    AbiCoder.defaultAbiCoder().encode(types, [chain.chainId, at[airdrop], batch, account, amount]),
  );
  const signature = await new Wallet(keys.signer.privateKey).signMessage(getBytes(word));
  await act(sender, airdrop, 'claim', [batch, account, amount, signature]);
};

/** Something of everything once more, in few blocks. */
export const goOn = async (s: L2, round: string): Promise<void> => {
  const { act, look } = s;
  await act('dave', 'L2Wopen', 'deposit', [], open('0.25'));
  await act('dave', 'L2Wopen', 'transfer', [carol, open('0.125')]);
  await act('carol', 'L2Gopen', 'deposit', [], open('1'));
  await act('carol', 'L2Gopen', 'transfer', [bob, open('0.5')]);
  await act('dave', 'L2Staking', 'topUp', [3n], open('1'));
  await act('bob', 'L2Staking', 'stake', [bob], open('2'));
  await act('bob', 'L2Staking', 'commitStake', [(await look('L2Staking', 'stakings')) as bigint, '0x01']);
  await claim(s, 'alice', 'secondAirdrop', round, bob, open('1'));
};
