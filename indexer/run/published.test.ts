import { coreContracts, manifestSchema } from '@openledger/protocol/deploy';
import { expect, test } from 'vitest';
import { deploymentName } from './deployment-name.ts';
import { type Published, readPublished } from './published.ts';

const address = (i: number) => `0x${String(i).padStart(40, 'A')}`;
const lower = (i: number) => address(i).toLowerCase();
const l2 = { L2_RPC_URL: 'https://l2.example/key', L2_WOPEN_ADDRESS: address(1) };

test('nothing is indexed of a chain without a node, whatever else is set', () => {
  expect(readPublished({ ETHEREUM_OPEN_ADDRESS: address(1), L2_STAKING_ADDRESS: address(2) }, 31337n)).toEqual({});
  expect(readPublished({ ETHEREUM_RPC_URL: '', L2_RPC_URL: '' }, 31337n)).toEqual({});
});

test('OPEN on Ethereum needs a node and nothing else', () => {
  expect(readPublished({ ETHEREUM_RPC_URL: 'https://a.example, https://b.example' }, 31337n)).toEqual({
    ethereum: {
      chainId: 1n,
      rpcUrls: ['https://a.example', 'https://b.example'],
      startBlock: 0n,
      contracts: { EthereumOpen: ['0xa227cc36938f0c9e09ce0e64dfab226cad739447'] },
    },
  });
});

test('of the L2 those contracts are indexed whose addresses are set', () => {
  const everything = {
    L2_RPC_URL: 'http://127.0.0.1:8545',
    L2_CHAIN_ID: '161201',
    L2_START_BLOCK: '7',
    L2_WOPEN_ADDRESS: address(1),
    L2_GOPEN_ADDRESS: address(2),
    L2_GOVERNOR_ADDRESS: address(3),
    L2_STAKING_ADDRESS: address(4),
    L2_AIRDROP_ADDRESSES: `${address(5)}, ${address(6)}`,
  };
  expect(readPublished(everything, 1n).l2).toEqual({
    chainId: 161201n,
    rpcUrls: ['http://127.0.0.1:8545'],
    startBlock: 7n,
    contracts: {
      L2Wopen: [lower(1)],
      L2Gopen: [lower(2)],
      L2Governor: [lower(3)],
      L2Staking: [lower(4)],
      L2Airdrop: [lower(5), lower(6)],
    },
  });
  expect(readPublished(l2, 1n).l2).toMatchObject({ chainId: 1612n, contracts: { L2Wopen: [lower(1)] } });
});

test.each([
  [{ L2_RPC_URL: 'l2.example' }, 'L2_RPC_URL must be URLs beginning with http://, https://, ws:// or wss://'],
  [{ L2_WOPEN_ADDRESS: '0x12' }, 'L2_WOPEN_ADDRESS must be an address: 0x and 40 hex digits'],
  [{ L2_AIRDROP_ADDRESSES: address(2).slice(2) }, 'L2_AIRDROP_ADDRESSES must be an address: 0x and 40 hex digits'],
  [{ L2_START_BLOCK: '-1' }, 'L2_START_BLOCK must be a whole number from 0 to'],
  [{ L2_CHAIN_ID: 'x' }, 'L2_CHAIN_ID must be a whole number from 1 to'],
  [
    { L2_WOPEN_ADDRESS: '' },
    'L2_RPC_URL is set, but no contract to index there: set one of L2_WOPEN_ADDRESS, L2_GOPEN_ADDRESS',
  ],
  [{ L2_GOPEN_ADDRESS: address(1) }, `L2_WOPEN_ADDRESS and L2_GOPEN_ADDRESS both name ${lower(1)}`],
  [{ L2_AIRDROP_ADDRESSES: `${address(2)},${address(2)}` }, `L2_AIRDROP_ADDRESSES names ${lower(2)} twice`],
  [{ L2_CHAIN_ID: '31337' }, 'L2_CHAIN_ID and the protocol’s contracts (CONTRACTS_FILE) are of the same chain, 31337'],
  [
    { ETHEREUM_RPC_URL: 'https://a.example', L2_CHAIN_ID: '1' },
    'L2_CHAIN_ID and ETHEREUM_CHAIN_ID are of the same chain, 1',
  ],
  [
    { ETHEREUM_RPC_URL: 'https://a.example', ETHEREUM_CHAIN_ID: '31337' },
    'ETHEREUM_CHAIN_ID and the protocol’s contracts (CONTRACTS_FILE) are of the same chain, 31337',
  ],
])('%o is refused by name', (change, message) => {
  expect(() => readPublished({ ...l2, ...change }, 31337n)).toThrow(message);
});

test('another contract, chain or first block makes another index; another node of the same chain does not', () => {
  const manifest = manifestSchema.omit({ genesisHash: true }).parse({
    chainId: '31337',
    startBlock: '0',
    contracts: Object.fromEntries(coreContracts.map((contract, i) => [contract, lower(i + 10)])),
    vesting: [],
    treasury: lower(99),
  });
  const name = (published: Published) => deploymentName('0xab', manifest, published);
  const known = readPublished(l2, 31337n);
  expect(name(readPublished({ ...l2, L2_RPC_URL: 'https://other.example' }, 31337n))).toBe(name(known));
  for (const change of [{ L2_CHAIN_ID: '161201' }, { L2_START_BLOCK: '1' }, { L2_GOPEN_ADDRESS: address(2) }]) {
    expect(name(readPublished({ ...l2, ...change }, 31337n))).not.toBe(name(known));
  }
  expect(name({})).not.toBe(name(known));
});
