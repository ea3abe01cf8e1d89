import { Contract, type InterfaceAbi, type Provider, type Signer, type TransactionRequest } from 'ethers';
import { timelockControllerAbi } from '../abi/index.ts';
import { loadArtifacts } from '../compile/index.ts';
import { type DeployInput, deployConfigSchema } from './config.ts';
import { create2Call, deterministicDeployer, ensureDeterministicDeployer } from './create2.ts';
import { coreContracts, type Manifest, manifestSchema } from './manifest.ts';
import { type DeployPlan, planDeployment } from './plan.ts';

export class DeployError extends Error {
  override readonly name = 'DeployError';
}

export type DeployOptions = {
  provider: Provider;
  /** Pays for the deployment and holds every admin role until the timelock has them; then it holds none. */
  deployer: Signer;
  config: DeployInput;
  /** Told of each step, done or found done. */
  onProgress?: (message: string) => void;
};

const adminRole = `0x${'0'.repeat(64)}`;

/**
 * Puts the whole protocol on a chain, or finishes a deployment that stopped half-way, or finds it standing and changes
 * nothing: addresses follow from the configuration (CREATE2), roles are granted where they are missing, and at the end
 * the deployer holds no role.
 * @returns the manifest of the deployment.
 * @throws ZodError for a wrong configuration; DeployError when the chain holds something else than the plan.
 */
export async function deployProtocol({
  provider,
  deployer,
  config: input,
  onProgress = () => {},
}: DeployOptions): Promise<Manifest> {
  const config = deployConfigSchema.parse(input);
  const deployerAddress = (await deployer.getAddress()).toLowerCase() as `0x${string}`;
  const plan = planDeployment(await loadArtifacts(), config, deployerAddress);

  await ensureDeterministicDeployer(provider);
  await deployMissing(provider, deployer, plan, onProgress);
  await grantMissing(provider, deployer, plan, onProgress);
  await renounceAdmin(provider, deployer, deployerAddress, plan, onProgress);

  return manifestSchema.parse({
    chainId: (await provider.getNetwork()).chainId,
    genesisHash: (await provider.getBlock(0))?.hash,
    startBlock: await firstBlockOf(provider, plan),
    contracts: Object.fromEntries(coreContracts.map((name) => [name, plan.addresses[name]])),
    vesting: plan.vesting.map((wallet) => ({ ...wallet })),
    treasury: plan.timelock,
  });
}

async function deployMissing(
  provider: Provider,
  deployer: Signer,
  plan: DeployPlan,
  onProgress: (message: string) => void,
) {
  const missing = [];
  for (const contract of plan.contracts) {
    if ((await provider.getCode(contract.address)) === '0x') missing.push(contract);
  }
  onProgress(`contracts: ${plan.contracts.length - missing.length} standing, ${missing.length} to deploy`);
  await sendAll(
    deployer,
    missing.map(({ salt, creationCode }) => ({ to: deterministicDeployer, data: create2Call(salt, creationCode) })),
  );
  for (const { name, address } of missing) {
    if ((await provider.getCode(address)) === '0x') {
      throw new DeployError(`${name} is not at ${address} after its transaction was mined: its constructor reverted.`);
    }
    onProgress(`deployed ${name} at ${address}`);
  }
}

async function grantMissing(
  provider: Provider,
  deployer: Signer,
  plan: DeployPlan,
  onProgress: (message: string) => void,
) {
  const missing = [];
  for (const grant of plan.grants) {
    const on = accessControl(grant.on, provider);
    if (!(await on.getFunction('hasRole')(grant.role, grant.to))) missing.push(grant);
  }
  if (missing.length > 0) {
    const [first] = missing;
    const deployerIsAdmin = await accessControl(first!.on, provider).getFunction('hasRole')(
      adminRole,
      await deployer.getAddress(),
    );
    if (!deployerIsAdmin) {
      throw new DeployError(
        `${first!.onName} lacks ${first!.roleName} for ${first!.toName}, and the deployer is no longer its admin: governance must grant it.`,
      );
    }
  }
  onProgress(`roles: ${plan.grants.length - missing.length} held, ${missing.length} to grant`);
  const { interface: coder } = accessControl(plan.timelock, provider);
  await sendAll(
    deployer,
    missing.map((grant) => ({ to: grant.on, data: coder.encodeFunctionData('grantRole', [grant.role, grant.to]) })),
  );
}

async function renounceAdmin(
  provider: Provider,
  deployer: Signer,
  deployerAddress: string,
  plan: DeployPlan,
  onProgress: (message: string) => void,
) {
  const held = [];
  for (const contract of plan.governed) {
    const on = accessControl(contract.address, provider);
    if (await on.getFunction('hasRole')(adminRole, deployerAddress)) held.push(contract);
  }
  const { interface: coder } = accessControl(plan.timelock, provider);
  await sendAll(
    deployer,
    held.map(({ address }) => ({
      to: address,
      data: coder.encodeFunctionData('renounceRole', [adminRole, deployerAddress]),
    })),
  );
  if (held.length > 0) onProgress(`the deployer gave up ${held.length} admin roles; the timelock governs`);
}

/** Sends transactions without waiting for one another, so that a chain with slow blocks takes few of them, then waits for all. */
async function sendAll(signer: Signer, transactions: readonly TransactionRequest[]): Promise<void> {
  let nonce = await signer.getNonce('pending');
  const sent = [];
  for (const transaction of transactions) {
    const gasLimit = ((await signer.estimateGas(transaction)) * 12n) / 10n;
    sent.push(await signer.sendTransaction({ ...transaction, gasLimit, nonce: nonce++ }));
  }
  for (const transaction of sent) {
    const receipt = await transaction.wait();
    if (receipt?.status !== 1) throw new DeployError(`Transaction ${transaction.hash} failed.`);
  }
}

/** The block of the deployment's first event; every contract emits one when it is made. */
async function firstBlockOf(provider: Provider, plan: DeployPlan): Promise<number> {
  const logs = await provider.getLogs({
    address: plan.contracts.map(({ address }) => address),
    fromBlock: 0,
    toBlock: 'latest',
  });
  const first = logs[0];
  if (first === undefined) throw new DeployError('The deployed contracts have no events: the node answers no logs.');
  return first.blockNumber;
}

function accessControl(address: string, provider: Provider): Contract {
  return new Contract(address, timelockControllerAbi as unknown as InterfaceAbi, provider);
}
