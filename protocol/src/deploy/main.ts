/** Puts the protocol on a chain, told by its environment: `npm run -w protocol deploy`. Running it again changes nothing. */
import { readFile } from 'node:fs/promises';
import { isHexString, JsonRpcProvider, Wallet } from 'ethers';
import { z } from 'zod';
import { deployConfigSchema } from './config.ts';
import { deployProtocol } from './deploy.ts';
import { writeManifest } from './manifest.ts';

const environment = z.object({
  CHAIN_RPC_URL: z.url('must be the URL of a JSON-RPC node, for example http://127.0.0.1:8545'),
  /** Expected chain id, so that a deployment never goes to the wrong chain. */
  CHAIN_ID: z
    .string('must be the chain id, for example 31337')
    .regex(/^\d+$/, 'must be decimal digits, for example 31337'),
  DEPLOYER_KEY: z
    .string('must be a private key: 32 bytes in hex with 0x')
    .refine((key) => isHexString(key, 32), 'must be a private key: 32 bytes in hex with 0x'),
  DEPLOY_CONFIG: z.string('must be the path of a JSON file, for example protocol/deploy.example.json'),
  CONTRACTS_FILE: z.string('must be the path to write the deployment manifest to, for example deployment.json'),
});

async function main(): Promise<void> {
  const parsed = environment.safeParse(
    Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
  );
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
  }
  const env = parsed.data;
  const config = deployConfigSchema.safeParse(JSON.parse(await readFile(env.DEPLOY_CONFIG, 'utf8')));
  if (!config.success) throw new Error(`${env.DEPLOY_CONFIG}: ${z.prettifyError(config.error)}`);

  const provider = new JsonRpcProvider(env.CHAIN_RPC_URL, Number(env.CHAIN_ID), { staticNetwork: true });
  try {
    const chainId = BigInt(await provider.send('eth_chainId', []));
    if (chainId !== BigInt(env.CHAIN_ID)) {
      throw new Error(`CHAIN_ID is ${env.CHAIN_ID}, but the node at CHAIN_RPC_URL answers for chain ${chainId}.`);
    }
    const manifest = await deployProtocol({
      provider,
      deployer: new Wallet(env.DEPLOYER_KEY, provider),
      config: config.data,
      onProgress: (message) => console.log(message),
    });
    await writeManifest(env.CONTRACTS_FILE, manifest);
    console.log(
      `The manifest is in ${env.CONTRACTS_FILE}. Next: start the indexer with CONTRACTS_FILE pointing at it.`,
    );
  } finally {
    provider.destroy();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
