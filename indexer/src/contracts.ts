import {
  attributionLedgerAbi,
  cliffVestingAbi,
  datanetRegistryAbi,
  disputeResolverAbi,
  gopenAbi,
  inferenceEscrowAbi,
  modelRegistryAbi,
  openAbi,
  openGovernorAbi,
  publishedAbis,
  rewardDistributorAbi,
  stakeManagerAbi,
  timelockControllerAbi,
} from '@openledger/protocol/abi';
import { type Abi, type AbiEvent, type Hex, keccak256, toHex, zeroHash } from 'viem';

/** The ABI of every indexed contract, by the name it goes by in events. Vesting wallets of both kinds emit the same. */
export const abis = {
  Open: openAbi,
  GOPEN: gopenAbi,
  OpenGovernor: openGovernorAbi,
  TimelockController: timelockControllerAbi,
  DatanetRegistry: datanetRegistryAbi,
  ModelRegistry: modelRegistryAbi,
  InferenceEscrow: inferenceEscrowAbi,
  AttributionLedger: attributionLedgerAbi,
  RewardDistributor: rewardDistributorAbi,
  StakeManager: stakeManagerAbi,
  DisputeResolver: disputeResolverAbi,
  VestingWallet: cliffVestingAbi,
} as const;

/** The protocol's own contracts: roles and a pause switch. */
export const governedContracts = [
  'DatanetRegistry',
  'ModelRegistry',
  'InferenceEscrow',
  'AttributionLedger',
  'RewardDistributor',
  'StakeManager',
  'DisputeResolver',
] as const;

type Input = { name: string; type: string; isAddress: boolean };
const inputs = new Map(
  Object.entries<Abi>({ ...abis, ...publishedAbis }).flatMap(([contract, abi]) =>
    abi
      .filter((item): item is AbiEvent => item.type === 'event')
      .map((event) => [
        `${contract}:${event.name}`,
        event.inputs.map(
          ({ name, type }): Input => ({ name: name ?? '', type, isAddress: type.startsWith('address') }),
        ),
      ]),
  ),
);

type EventOf<name extends keyof typeof abis> = Extract<(typeof abis)[name][number], { type: 'event' }>['name'];
type TunedContract = {
  [name in (typeof governedContracts)[number]]: 'ParameterUpdated' extends EventOf<name> ? name : never;
}[(typeof governedContracts)[number]];

/** Those of them with numbers that governance sets. */
export const tunedContracts = governedContracts.filter((name): name is TunedContract =>
  inputs.has(`${name}:ParameterUpdated`),
);

/** The arguments of an event, in the ABI's order. */
export const eventInputs = (contract: string, event: string): readonly Input[] => {
  const found = inputs.get(`${contract}:${event}`);
  if (found === undefined) throw new Error(`${contract} has no event ${event}`);
  return found;
};

/** Roles and parameters are keccak256 of their name; the names are the `bytes32` constants that the ABIs expose. */
const constants = new Map<Hex, string>([
  [zeroHash, 'DEFAULT_ADMIN_ROLE'],
  ...Object.values<Abi>(abis)
    .flatMap((abi) => abi.filter((item) => item.type === 'function'))
    .filter((item) => /^[A-Z][A-Z0-9_]+$/.test(item.name) && item.inputs.length === 0)
    .map((item): [Hex, string] => [keccak256(toHex(item.name)), item.name]),
]);

/** The name behind a role's or parameter's id; the id itself where it is none of ours. */
export const constantName = (id: Hex): string => constants.get(id) ?? id;
