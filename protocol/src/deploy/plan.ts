import { concat, Interface, type InterfaceAbi, id, keccak256, toUtf8Bytes } from 'ethers';
import type { ContractName } from '../abi/index.ts';
import type { Artifacts } from '../compile/index.ts';
import { type DeployConfig, genesisAllocation, genesisSupply } from './config.ts';
import { create2Address } from './create2.ts';

type Hex = `0x${string}`;

export type PlannedContract = {
  name: string;
  contract: ContractName;
  address: Hex;
  creationCode: string;
  salt: string;
};

export type PlannedGrant = { on: Hex; onName: string; role: string; roleName: string; to: Hex; toName: string };

export type PlannedVesting = {
  name: string;
  address: Hex;
  beneficiary: Hex;
  start: bigint;
  cliff: bigint;
  end: bigint;
  allocation: bigint;
};

/** Everything a deployment consists of, computed from the configuration alone. */
export type DeployPlan = {
  contracts: readonly PlannedContract[];
  vesting: readonly PlannedVesting[];
  grants: readonly PlannedGrant[];
  /** Contracts whose deployer gives up its admin role at the end. */
  governed: readonly { name: string; address: Hex }[];
  addresses: Readonly<Record<string, Hex>>;
  timelock: Hex;
};

const adminRole = `0x${'0'.repeat(64)}`;

/** Works out every address, constructor argument and role of a deployment. Pure. */
export function planDeployment(artifacts: Artifacts, config: DeployConfig, deployer: Hex): DeployPlan {
  const contracts: PlannedContract[] = [];
  const addresses: Record<string, Hex> = {};

  const add = (name: string, contract: ContractName, args: readonly unknown[]): Hex => {
    const { abi, bytecode } = artifacts[contract];
    const encoded = new Interface(abi as InterfaceAbi).encodeDeploy(args);
    const creationCode = concat([bytecode, encoded]);
    const salt = keccak256(toUtf8Bytes(`${config.salt}/${name}`));
    const address = create2Address(salt, creationCode);
    contracts.push({ name, contract, address, creationCode, salt });
    addresses[name] = address;
    return address;
  };

  const vesting: PlannedVesting[] = [];
  const holders: { address: Hex; amount: bigint }[] = [];
  for (const part of genesisAllocation) {
    const beneficiary = config.beneficiaries[part.name];
    const allocation = (genesisSupply * part.partsPer10k) / 10_000n;
    if (part.duration === 0n) {
      holders.push({ address: beneficiary, amount: allocation });
      continue;
    }
    const name = `Vesting:${part.name}`;
    const address =
      part.cliff === 0n
        ? add(name, 'LinearVesting', [beneficiary, config.tge, part.duration])
        : add(name, 'CliffVesting', [beneficiary, config.tge, part.duration, part.cliff]);
    holders.push({ address, amount: allocation });
    vesting.push({
      name: part.name,
      address,
      beneficiary,
      start: config.tge,
      cliff: config.tge + part.cliff,
      end: config.tge + part.duration,
      allocation,
    });
  }

  const { governance, parameters } = config;
  const open = add('Open', 'Open', [holders.map((holder) => holder.address), holders.map((holder) => holder.amount)]);
  const gopen = add('GOPEN', 'GOPEN', [open]);
  const timelock = add('TimelockController', 'TimelockController', [governance.timelockDelay, [], [], deployer]);
  const governor = add('OpenGovernor', 'OpenGovernor', [
    gopen,
    timelock,
    governance.votingDelay,
    governance.votingPeriod,
    governance.proposalThreshold,
    governance.quorumPercent,
  ]);
  const stakes = add('StakeManager', 'StakeManager', [deployer, open, parameters.unstakeCooldown, parameters.minStake]);
  const datanets = add('DatanetRegistry', 'DatanetRegistry', [deployer, stakes, timelock, parameters.bondHold]);
  const models = add('ModelRegistry', 'ModelRegistry', [deployer, datanets]);
  const rewards = add('RewardDistributor', 'RewardDistributor', [
    deployer,
    open,
    parameters.epochLength,
    parameters.rootDelay,
  ]);
  const escrow = add('InferenceEscrow', 'InferenceEscrow', [
    deployer,
    open,
    models,
    stakes,
    rewards,
    timelock,
    config.feeSplit,
    parameters.withdrawalDelay,
  ]);
  const ledger = add('AttributionLedger', 'AttributionLedger', [
    deployer,
    escrow,
    datanets,
    models,
    parameters.challengeWindow,
  ]);
  const disputes = add('DisputeResolver', 'DisputeResolver', [
    deployer,
    timelock,
    datanets,
    models,
    ledger,
    rewards,
    stakes,
    timelock,
    parameters.minDisputeBond,
    parameters.resolutionWindow,
    parameters.winnerShareBps,
  ]);

  const governed = (
    [
      ['StakeManager', stakes],
      ['DatanetRegistry', datanets],
      ['ModelRegistry', models],
      ['RewardDistributor', rewards],
      ['InferenceEscrow', escrow],
      ['AttributionLedger', ledger],
      ['DisputeResolver', disputes],
    ] as const
  ).map(([name, address]) => ({ name, address }));

  const grants: PlannedGrant[] = [];
  const grant = (onName: string, roleName: string, toName: string, to: Hex) => {
    const on = addresses[onName];
    if (on === undefined) throw new Error(`No contract ${onName} is planned.`);
    grants.push({
      on,
      onName,
      role: roleName === 'DEFAULT_ADMIN_ROLE' ? adminRole : id(roleName),
      roleName,
      to,
      toName,
    });
  };
  for (const { name } of governed) {
    grant(name, 'GUARDIAN_ROLE', 'guardian', config.guardian);
    grant(name, 'DEFAULT_ADMIN_ROLE', 'TimelockController', timelock);
  }
  grant('StakeManager', 'BONDER_ROLE', 'DatanetRegistry', datanets);
  grant('StakeManager', 'BONDER_ROLE', 'DisputeResolver', disputes);
  grant('StakeManager', 'SLASHER_ROLE', 'DatanetRegistry', datanets);
  grant('StakeManager', 'SLASHER_ROLE', 'DisputeResolver', disputes);
  grant('StakeManager', 'REWARDER_ROLE', 'InferenceEscrow', escrow);
  grant('DatanetRegistry', 'RESOLVER_ROLE', 'DisputeResolver', disputes);
  grant('AttributionLedger', 'RESOLVER_ROLE', 'DisputeResolver', disputes);
  grant('RewardDistributor', 'RESOLVER_ROLE', 'DisputeResolver', disputes);
  grant('RewardDistributor', 'FUNDER_ROLE', 'InferenceEscrow', escrow);
  grant('RewardDistributor', 'PROPOSER_ROLE', 'rootProposer', config.rootProposer);
  grant('InferenceEscrow', 'LEDGER_ROLE', 'AttributionLedger', ledger);
  for (const evaluator of config.evaluators) grant('ModelRegistry', 'EVALUATOR_ROLE', 'evaluator', evaluator);
  grant('TimelockController', 'PROPOSER_ROLE', 'OpenGovernor', governor);
  grant('TimelockController', 'CANCELLER_ROLE', 'OpenGovernor', governor);
  // Anyone may carry out what the timelock has let through.
  grant('TimelockController', 'EXECUTOR_ROLE', 'anyone', '0x0000000000000000000000000000000000000000');

  return {
    contracts,
    vesting,
    grants,
    governed: [...governed, { name: 'TimelockController', address: timelock }],
    addresses,
    timelock,
  };
}
