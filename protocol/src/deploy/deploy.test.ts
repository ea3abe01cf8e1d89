import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contract, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inferenceEscrowAbi, openAbi } from '../abi/index.ts';
import { developmentAccounts, type LocalChain, startLocalChain } from '../chain/index.ts';
import { deterministicDeployerSender } from './create2.ts';
import {
  coreContracts,
  deployConfigSchema,
  deployProtocol,
  formatManifest,
  ManifestError,
  parseManifest,
} from './index.ts';

const example = fileURLToPath(new URL('../../deploy.example.json', import.meta.url));
const config = JSON.parse(readFileSync(example, 'utf8'));
const [deployer] = developmentAccounts(1);
const admin = `0x${'0'.repeat(64)}`;

let chain: LocalChain;
let provider: JsonRpcProvider;

beforeAll(async () => {
  chain = await startLocalChain();
  provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 50;
});

afterAll(async () => {
  provider?.destroy();
  await chain?.stop();
});

const deploy = (on = provider, said: string[] = []) =>
  deployProtocol({
    provider: on,
    deployer: new Wallet(deployer!.privateKey, on),
    config,
    onProgress: (message) => said.push(message),
  });

test('the whole protocol stands, its deployer holds nothing, and deploying again changes nothing', async () => {
  const manifest = await deploy();
  expect(Object.keys(manifest.contracts).sort()).toEqual([...coreContracts].sort());
  const open = new Contract(manifest.contracts.Open, openAbi, provider);
  const allocated = manifest.vesting.reduce((sum, wallet) => sum + wallet.allocation, 0n);
  expect(allocated + (await open.getFunction('balanceOf')(config.beneficiaries.liquidity))).toBe(10n ** 27n);
  const escrow = new Contract(manifest.contracts.InferenceEscrow, inferenceEscrowAbi, provider);
  const isAdmin = escrow.getFunction('hasRole');
  expect([await isAdmin(admin, deployer!.address), await isAdmin(admin, manifest.treasury)]).toEqual([false, true]);

  const before = await provider.getTransactionCount(deployer!.address);
  const said: string[] = [];
  expect(await deploy(provider, said)).toEqual(manifest);
  expect(await provider.getTransactionCount(deployer!.address)).toBe(before);
  expect(said).toEqual(['contracts: 15 standing, 0 to deploy', 'roles: 28 held, 0 to grant']);
  expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
});

test('a deployment that stopped half-way is finished', async () => {
  const other = await startLocalChain();
  const half = new JsonRpcProvider(other.url, other.chainId, { staticNetwork: true, cacheTimeout: -1 });
  half.pollingInterval = 50;
  try {
    let count = 0;
    const stop = new Error('the machine went down');
    const failing = deployProtocol({
      provider: half,
      deployer: new Wallet(deployer!.privateKey, half),
      config,
      onProgress: () => {
        count += 1;
        if (count === 6) throw stop;
      },
    });
    await expect(failing).rejects.toBe(stop);
    const said: string[] = [];
    await deploy(half, said);
    expect(said.at(-1)).toBe('the deployer gave up 8 admin roles; the timelock governs');
  } finally {
    half.destroy();
    await other.stop();
  }
});

test('a chain without the deployment proxy says what to send where, and then gets it', async () => {
  await provider.send('anvil_setCode', ['0x4e59b44847b379578588920ca78fbf26c0b4956c', '0x']);
  await provider.send('anvil_setBalance', [deterministicDeployerSender, '0x0']);
  await expect(deploy()).rejects.toThrow(
    `Send 0.01 of the chain's coin to ${deterministicDeployerSender} and run again.`,
  );
});

test('wrong configurations and manifests are told field by field', () => {
  const wrong = {
    ...config,
    guardian: '0x12',
    feeSplit: { platformBps: 1, modelBps: 1, workerBps: 1, stakersBps: 1, contributorsBps: 1 },
  };
  const parsed = deployConfigSchema.safeParse(wrong);
  expect(parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)).toEqual([
    'guardian: must be a 20-byte address, for example 0x5FbDB2315678afecb367f032d93F642f64180aa3',
    'feeSplit: the five parts must sum to 10,000 basis points',
  ]);
  expect(() => parseManifest('{', 'deployment.json')).toThrow(new ManifestError('deployment.json: is not JSON.'));
  expect(() => parseManifest('{"chainId":"x"}', 'deployment.json')).toThrow(/^deployment\.json: [\s\S]*chainId/);
});

test('the command names every wrong variable, and refuses the wrong chain', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const run = (env: Record<string, string>) =>
    new Promise<{ code: number | null; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH ?? '', ...env } });
      let stderr = '';
      child.stderr.on('data', (data) => {
        stderr += data;
      });
      child.on('close', (code) => resolve({ code, stderr }));
    });
  expect(await run({ CHAIN_RPC_URL: 'here', DEPLOYER_KEY: '0x1' })).toEqual({
    code: 1,
    stderr: `CHAIN_RPC_URL must be the URL of a JSON-RPC node, for example http://127.0.0.1:8545
CHAIN_ID must be the chain id, for example 31337
DEPLOYER_KEY must be a private key: 32 bytes in hex with 0x
DEPLOY_CONFIG must be the path of a JSON file, for example protocol/deploy.example.json
CONTRACTS_FILE must be the path to write the deployment manifest to, for example deployment.json
`,
  });
  const folder = mkdtempSync(join(tmpdir(), 'openledger-deploy-'));
  try {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(config));
    const env = {
      CHAIN_RPC_URL: chain.url,
      CHAIN_ID: '1',
      DEPLOYER_KEY: deployer!.privateKey,
      DEPLOY_CONFIG: file,
      CONTRACTS_FILE: join(folder, 'deployment.json'),
    };
    expect(await run(env)).toEqual({
      code: 1,
      stderr: 'CHAIN_ID is 1, but the node at CHAIN_RPC_URL answers for chain 31337.\n',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
