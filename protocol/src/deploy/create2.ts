import { concat, getBytes, getCreate2Address, keccak256, type Provider } from 'ethers';

/**
 * The deterministic deployment proxy (Arachnid's), at the same address on every chain: it deploys whatever creation code
 * follows a 32-byte salt with CREATE2. So a deployment's addresses follow from its configuration alone, and running it
 * again finds what already stands.
 */
export const deterministicDeployer = '0x4e59b44847b379578588920ca78fbf26c0b4956c';

/** The proxy's own deployment, signed once by a key nobody holds; its sender needs 0.01 of the chain's coin. */
export const deterministicDeployerSender = '0x3fab184622dc19b6109349b94811493bf2a45362';
const presigned =
  '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222';

/** Makes sure that the proxy stands on this chain. */
export async function ensureDeterministicDeployer(provider: Provider): Promise<void> {
  if ((await provider.getCode(deterministicDeployer)) !== '0x') return;
  if ((await provider.getBalance(deterministicDeployerSender)) < 10n ** 16n) {
    throw new Error(
      `This chain lacks the deterministic deployment proxy ${deterministicDeployer}. Send 0.01 of the chain's coin to ${deterministicDeployerSender} and run again.`,
    );
  }
  const sent = await provider.broadcastTransaction(presigned);
  await sent.wait();
}

export function create2Address(salt: string, creationCode: string): `0x${string}` {
  return getCreate2Address(deterministicDeployer, salt, keccak256(creationCode)).toLowerCase() as `0x${string}`;
}

/** What to send to the proxy to deploy `creationCode`. */
export function create2Call(salt: string, creationCode: string): string {
  return concat([getBytes(salt), creationCode]);
}
