import * as protocol from '@openledger/protocol/abi';
import { type DeployInput, deployProtocol, type Manifest } from '@openledger/protocol/deploy';
import { JsonRpcProvider, Wallet } from 'ethers';
import {
  type Abi,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  keccak256,
  pad,
  parseEther,
  publicActions,
  stringToHex,
  toHex,
} from 'viem';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';

/** The publicly known accounts of a local chain, by the part each plays. */
const parts = [
  'liquidity',
  'owner',
  'contributor',
  'validator',
  'builder',
  'operator',
  'payer',
  'guardian',
  'proposer',
  'disputer',
] as const;
type Part = (typeof parts)[number];
const mnemonic = 'test test test test test test test test test test test junk';
export const cast = Object.fromEntries(
  parts.map((part, addressIndex) => [part, mnemonicToAccount(mnemonic, { addressIndex })]),
) as Record<Part, HDAccount>;

const open = parseEther;
const day = 86_400;
export const hash = (text: string): Hex => keccak256(stringToHex(text));

/** Deploys the protocol on a fresh chain. */
export const deploy = async (rpcUrl: string): Promise<Manifest> => {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { pollingInterval: 50, cacheTimeout: -1 });
  const tge = BigInt((await provider.getBlock('latest'))?.timestamp ?? 0) - 400n * 86_400n;
  const { liquidity, guardian, proposer } = cast;
  const everyone = liquidity.address;
  const config: DeployInput = {
    tge,
    beneficiaries: {
      community: everyone,
      investors: everyone,
      team: everyone,
      ecosystem: everyone,
      liquidity: everyone,
    },
    guardian: guardian.address,
    rootProposer: proposer.address,
  };
  const deployer = Wallet.fromPhrase(mnemonic, provider);
  try {
    return await deployProtocol({ provider, deployer, config });
  } finally {
    provider.destroy();
  }
};

type Contract = keyof Manifest['contracts'];

/** A chain with the contracts on it, and hands to act and look with. */
export const stage = (rpcUrl: string, manifest: Manifest) => {
  const chain = createTestClient({ mode: 'anvil', transport: http(rpcUrl), pollingInterval: 20 }).extend(publicActions);
  const wallet = createWalletClient({ transport: http(rpcUrl) });
  const abiOf = (contract: Contract): Abi => protocol.contractAbis[contract];

  const submit = async (account: HDAccount | Hex, to: Hex, data: Hex) => {
    const sent = await wallet.sendTransaction({ account, chain: null, to, data, gas: 20_000_000n });
    const receipt = await chain.waitForTransactionReceipt({ hash: sent });
    if (receipt.status !== 'success') {
      await chain.call({ account, to, data, blockNumber: receipt.blockNumber });
      throw new Error(`Transaction ${sent} reverted`);
    }
  };

  const act = (account: HDAccount | Hex, contract: Contract, functionName: string, ...args: unknown[]) =>
    submit(account, manifest.contracts[contract], encodeFunctionData({ abi: abiOf(contract), functionName, args }));

  /** As governance's timelock, whose proposals would take two weeks. */
  const govern = async (contract: Contract, functionName: string, ...args: unknown[]) => {
    const address = manifest.contracts.TimelockController;
    await chain.setBalance({ address, value: open('1') });
    await chain.impersonateAccount({ address });
    await act(address, contract, functionName, ...args);
    await chain.stopImpersonatingAccount({ address });
  };

  const look = <result>(contract: Contract, functionName: string, ...args: unknown[]) =>
    chain.readContract({
      abi: abiOf(contract),
      address: manifest.contracts[contract],
      functionName,
      args,
    }) as Promise<result>;

  const pass = async (seconds: number) => {
    await chain.increaseTime({ seconds });
    await chain.mine({ blocks: 1 });
  };

  return { chain, act, submit, govern, look, pass, manifest };
};
export type Stage = ReturnType<typeof stage>;

/** Gives everyone OPEN, and the protocol leave to take it. */
export const fund = async ({ act, manifest: { contracts } }: Stage) => {
  for (const part of parts) {
    if (part !== 'liquidity') await act(cast.liquidity, 'Open', 'transfer', cast[part].address, open('1000'));
    for (const spender of [contracts.StakeManager, contracts.InferenceEscrow, contracts.GOPEN]) {
      await act(cast[part], 'Open', 'approve', spender, open('1000'));
    }
  }
};

const submitContribution = (s: Stage, datanetId: bigint, text: string, rows: bigint) =>
  s.act(
    cast.contributor,
    'DatanetRegistry',
    'submitContribution',
    datanetId,
    hash(text),
    `data:,${text}`,
    hash('MIT'),
    rows,
  );

/** One validator scores a contribution blind, reveals, and the review is closed. */
const review = async (s: Stage, contributionId: bigint, score: bigint) => {
  const [evidence, salt] = [hash(`evidence ${contributionId}`), hash(`salt ${contributionId}`)];
  const { address } = cast.validator;
  const commitment = await s.look('DatanetRegistry', 'scoreCommitment', contributionId, address, score, evidence, salt);
  await s.act(cast.validator, 'DatanetRegistry', 'commitScore', contributionId, commitment);
  await s.act(cast.validator, 'DatanetRegistry', 'revealScore', contributionId, score, evidence, salt);
  await s.act(cast.validator, 'DatanetRegistry', 'finalizeContribution', contributionId);
};

/** Datanet 1 with contributions 1 (accepted), 2 (rejected), 3 (accepted, then revoked by a dispute) and 4 (pending). */
export const contribute = async (s: Stage) => {
  const { owner, validator, contributor, builder, disputer } = cast;
  await s.act(
    owner,
    'DatanetRegistry',
    'createDatanet',
    'Licences',
    'ipfs://d',
    hash('d'),
    1,
    open('1'),
    open('0.5'),
    1,
    3_600n,
  );
  await s.act(owner, 'DatanetRegistry', 'setValidator', 1n, validator.address, true);
  await s.act(contributor, 'DatanetRegistry', 'authorizeRelayer', cast.operator.address, 2n ** 64n - 1n);
  for (const [text, rows] of [
    ['one', 10n],
    ['two', 20n],
    ['three', 30n],
  ] as const)
    await submitContribution(s, 1n, text, rows);
  const four = [
    'DatanetRegistry',
    'submitContributionFor',
    contributor.address,
    1n,
    hash('four'),
    'data:,4',
    hash('MIT'),
    40n,
  ] as const;
  await s.act(cast.operator, ...four);
  await review(s, 1n, open('0.9'));
  await review(s, 2n, open('0.1'));
  await review(s, 3n, open('0.7'));
  await s.act(owner, 'DatanetRegistry', 'publishVersion', 1n, hash('root'), 2n, 40n, 'ipfs://v1');
  await s.act(builder, 'DatanetRegistry', 'requestAccess', 1n, 'to train');
  await s.act(owner, 'DatanetRegistry', 'grantAccess', 1n, builder.address, 2n ** 64n - 1n);
  await s.act(
    disputer,
    'DisputeResolver',
    'raise',
    0,
    pad(toHex(3n)),
    hash('copied'),
    hash('e'),
    'ipfs://e',
    open('10'),
  );
  await s.act(contributor, 'DisputeResolver', 'counter', 1n, hash('c'), 'ipfs://c');
  await s.govern('DisputeResolver', 'resolve', 1n, true, [3n], [open('1')]);
};

/** What a caller may legally send to break a reader: numbers beyond 63 bits, endless and odd names. */
export const provoke = async (s: Stage) => {
  const { disputer, contributor } = cast;
  const noise = Array.from({ length: 4_000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000))).join('');
  await s.act(
    disputer,
    'DatanetRegistry',
    'createDatanet',
    `\0\ud83d\ude00${noise}`,
    '\\N\t\n\\.',
    hash('x'),
    0,
    0n,
    0n,
    0,
    1n,
  );
  for (const text of ['huge', 'vast']) await submitContribution(s, 2n, text, 10n ** 12n);
  await s.act(disputer, 'DatanetRegistry', 'decideContribution', 5n, true, hash('fine'));
  await s.act(contributor, 'DatanetRegistry', 'requestAccess', 2n, '{"\\u0000": "\0"}');
  await s.act(disputer, 'DatanetRegistry', 'grantAccess', 2n, contributor.address, 2n ** 64n - 1n);
};

/** Model 1, trained on datanet 1, deployed on a worker. */
export const build = async (s: Stage) => {
  const { builder, operator } = cast;
  await s.act(builder, 'ModelRegistry', 'registerModel', hash('base'), 'Lawyer', 'ipfs://m');
  await s.act(builder, 'ModelRegistry', 'publishVersion', 1n, hash('a'), 'ipfs://a', hash('m'), 8, [
    { datanetId: 1n, version: 1 },
  ]);
  await s.act(builder, 'ModelRegistry', 'recordEvaluation', 1n, hash('bench'), 1, open('0.8'), 'ipfs://b');
  await s.act(builder, 'ModelRegistry', 'setPricing', 1n, open('0.1'), open('0.2'));
  await s.act(builder, 'ModelRegistry', 'setStatus', 1n, 2);
  await s.act(operator, 'ModelRegistry', 'registerWorker', 'https://worker.example');
  await s.act(operator, 'ModelRegistry', 'deployAdapter', 1n, operator.address, 1);
};

const requestId = (s: Stage, nonce: Hex) =>
  s.look<Hex>('InferenceEscrow', 'requestIdOf', cast.operator.address, cast.payer.address, nonce);

/** Two answers for 10 and 7 OPEN, settled against one voucher; a staker shares in the second's fee only. */
export const infer = async (s: Stage) => {
  const { payer, operator, validator } = cast;
  const { InferenceEscrow } = s.manifest.contracts;
  await s.act(payer, 'InferenceEscrow', 'deposit', open('50'));
  const settle = async (nonce: Hex, fee: bigint, cumulativeAmount: bigint) => {
    const voucher = { payer: payer.address, worker: operator.address, cumulativeAmount, expiry: 2n ** 63n };
    const signature = await payer.signTypedData({
      domain: {
        name: 'OpenLedger InferenceEscrow',
        version: '1',
        chainId: Number(s.manifest.chainId),
        verifyingContract: InferenceEscrow,
      },
      types: {
        Voucher: [
          { name: 'payer', type: 'address' },
          { name: 'worker', type: 'address' },
          { name: 'cumulativeAmount', type: 'uint256' },
          { name: 'expiry', type: 'uint64' },
        ],
      },
      primaryType: 'Voucher',
      message: voucher,
    });
    const answer = { nonce, modelId: 1n, version: 1, inTokens: 11, outTokens: 22, fee, outputHash: hash('answer') };
    await s.act(operator, 'InferenceEscrow', 'settle', [{ voucher, signature, inferences: [answer] }]);
  };
  await settle(hash('q1'), open('10'), open('10'));
  await s.act(validator, 'StakeManager', 'stake', hash('VALIDATOR'), 1n, open('5'));
  await settle(hash('q2'), open('7'), open('17'));
  await s.act(payer, 'InferenceEscrow', 'requestWithdrawal', open('30'));
  await s.pass(day);
  await s.act(payer, 'InferenceEscrow', 'withdraw');
  await s.act(operator, 'InferenceEscrow', 'withdrawEarnings', operator.address);
  await s.act(validator, 'StakeManager', 'claimStakerReward', validator.address);
};

/** Batch 1 is revoked by a dispute, batch 2 attributes the same answers and becomes final. */
export const attribute = async (s: Stage) => {
  const { operator, disputer } = cast;
  await s.govern('AttributionLedger', 'setAlgorithm', hash('influence'), true, 'ipfs://algorithm', hash('algorithm'));
  const post = async (shares: readonly [bigint, bigint]) => {
    const attributions = [];
    for (const [i, nonce] of [hash('q1'), hash('q2')].entries()) {
      const id = await requestId(s, nonce);
      const { contributorsPart } = await s.look<{ contributorsPart: bigint }>('InferenceEscrow', 'settled', id);
      const amount = (contributorsPart * (shares[i] ?? 0n)) / 100n;
      const sources = amount === 0n ? [] : [1n];
      attributions.push({
        requestId: id,
        contributionIds: sources,
        amounts: sources.map(() => amount),
        unattributed: contributorsPart - amount,
      });
    }
    const { address } = operator;
    await s.act(
      operator,
      'AttributionLedger',
      'postBatch',
      address,
      hash('influence'),
      hash('r'),
      hash('e'),
      'ipfs://b',
      attributions,
    );
  };
  await post([100n, 50n]);
  await s.act(
    disputer,
    'DisputeResolver',
    'raise',
    1,
    pad(toHex(1n)),
    hash('wrong'),
    hash('e'),
    'ipfs://e',
    open('10'),
  );
  await s.govern('DisputeResolver', 'resolve', 2n, true, [], []);
  await post([60n, 0n]);
  await s.pass(4 * day);
  await s.act(disputer, 'AttributionLedger', 'finalizeBatch', 2n);
};

/** Epoch 1, a root that is revoked, one that is accepted, and a claim. */
export const reward = async (s: Stage) => {
  const { proposer, guardian, contributor } = cast;
  await s.act(proposer, 'RewardDistributor', 'closeEpoch');
  const [, , total] = await s.look<[bigint, bigint, bigint]>('RewardDistributor', 'epochs', 1n);
  const root = await s.look<Hex>('RewardDistributor', 'rewardLeaf', contributor.address, total);
  await s.act(proposer, 'RewardDistributor', 'proposeRoot', 1n, hash('bad'), hash('ipfs'), 'ipfs://bad');
  await s.act(guardian, 'RewardDistributor', 'revokeRoot', 1n);
  await s.act(proposer, 'RewardDistributor', 'proposeRoot', 1n, root, hash('ipfs'), 'ipfs://good');
  await s.pass(2 * day);
  await s.act(proposer, 'RewardDistributor', 'acceptRoot', 1n);
  await s.act(contributor, 'RewardDistributor', 'claim', contributor.address, total, []);
};

/** A proposal that raises the least stake, voted for, queued and executed; a pause; a stake half taken back, then slashed. */
export const decide = async (s: Stage) => {
  const { liquidity, guardian, validator, contributor } = cast;
  await s.act(liquidity, 'GOPEN', 'deposit', open('900'));
  await s.act(liquidity, 'GOPEN', 'delegate', liquidity.address);
  await s.act(contributor, 'GOPEN', 'deposit', open('100'));
  await s.act(contributor, 'GOPEN', 'delegate', liquidity.address);
  await s.act(contributor, 'GOPEN', 'withdraw', open('40'));
  await s.pass(10);
  const calldata = encodeFunctionData({
    abi: protocol.stakeManagerAbi,
    functionName: 'setParameter',
    args: [hash('MIN_STAKE'), open('2')],
  });
  const description = 'Raise the least stake';
  const call = [[s.manifest.contracts.StakeManager], [0n], [calldata]] as const;
  await s.act(liquidity, 'OpenGovernor', 'propose', ...call, description);
  const proposalId = await s.look<bigint>('OpenGovernor', 'hashProposal', ...call, hash(description));
  await s.pass(day + 10);
  await s.act(liquidity, 'OpenGovernor', 'castVoteWithReason', proposalId, 1, 'good');
  await s.act(contributor, 'OpenGovernor', 'castVote', proposalId, 2);
  await s.pass(15 * day);
  await s.act(liquidity, 'OpenGovernor', 'queue', ...call, hash(description));
  await s.pass(3 * day);
  await s.act(liquidity, 'OpenGovernor', 'execute', ...call, hash(description));
  await s.act(guardian, 'DatanetRegistry', 'pause');
  await s.act(guardian, 'DatanetRegistry', 'unpause');
  await s.act(guardian, 'ModelRegistry', 'pause');
  const stakeId = await s.look<bigint>('StakeManager', 'stakeCount');
  await s.act(validator, 'StakeManager', 'requestUnstake', await stakeOf(s, validator.address, stakeId), open('2'));
  const wallet = s.manifest.vesting[0];
  if (wallet === undefined) throw new Error('The deployment has no vesting wallet');
  const release = encodeFunctionData({
    abi: protocol.linearVestingAbi,
    functionName: 'release',
    args: [s.manifest.contracts.Open],
  });
  await s.submit(liquidity, wallet.address, release);
  return { proposalId };
};

/**
 * A token of a stranger's making: any account has 2^200 of it, and any transfer succeeds. Assembled: the size of the call's
 * data tells `transfer` (1) from `balanceOf` (1 << 200).
 */
const boundlessToken = {
  address: pad('0xf00d', { size: 20 }),
  bytecode: '0x3660441415 60c802 6001901b 5f52 60205ff3',
} as const;

/** A stranger has every vesting wallet pay out a token that nobody knows. */
export const forge = async (s: Stage) => {
  const bytecode = boundlessToken.bytecode.replaceAll(' ', '') as Hex;
  await s.chain.setCode({ address: boundlessToken.address, bytecode });
  const args = [boundlessToken.address] as const;
  const data = encodeFunctionData({ abi: protocol.linearVestingAbi, functionName: 'release', args });
  for (const { address } of s.manifest.vesting) await s.submit(cast.payer, address, data);
};

/** A dispute that governance rejects, and one that nobody judges before its deadline. */
export const quarrel = async (s: Stage) => {
  const { disputer, operator } = cast;
  const raise = (type: number, targetId: Hex) =>
    s.act(disputer, 'DisputeResolver', 'raise', type, targetId, hash('spite'), hash('e'), 'ipfs://e', open('10'));
  await raise(0, pad(toHex(1n)));
  await s.govern('DisputeResolver', 'resolve', 3n, false, [], []);
  await raise(3, pad(operator.address));
  await s.pass(Number(await s.look<bigint>('DisputeResolver', 'parameter', hash('RESOLUTION_WINDOW'))));
  await s.act(operator, 'DisputeResolver', 'expire', 4n);
};

/** The last stake of an account. */
const stakeOf = async (s: Stage, account: Hex, count: bigint): Promise<bigint> => {
  for (let id = count; id > 0n; id--) {
    const { account: holder, bond } = await s.look<{ account: Hex; bond: boolean }>('StakeManager', 'stakes', id);
    if (holder === account && !bond) return id;
  }
  throw new Error(`${account} has no stake`);
};
