import { id } from 'ethers';
import { compileContracts } from './artifacts.ts';
import type { AbiEntry, Artifact } from './compile.ts';

type AbiParameter = { readonly type: string; readonly components?: readonly AbiParameter[] };

/**
 * The content of `src/abi/generated` by file name: one file for each deployable contract, and `index.ts` with all of them.
 * A pure function of the Solidity sources, so a test can hold it against what is committed.
 * @throws CompileError when the sources do not compile.
 */
export async function renderAbis(): Promise<Readonly<Record<string, string>>> {
  const { artifacts } = await compileContracts();
  const contracts = Object.entries(artifacts)
    .filter(([, artifact]) => artifact.bytecode !== '0x')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const files = contracts.map(([name, artifact]) => [`${name}.ts`, renderAbi(name, artifact)] as const);
  return { ...Object.fromEntries(files), 'index.ts': renderIndex(contracts) };
}

/** `DatanetRegistry` → `datanetRegistryAbi`, `GOPEN` → `gopenAbi`. */
export function abiName(contract: string): string {
  return `${contract.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (start) => start.toLowerCase())}Abi`;
}

/**
 * Names of the events whose topic stands in the contract's creation or runtime code. The compiler leaves out functions
 * that nothing calls, so an event that is only declared (EIP712DomainChanged), or whose emitter is unreachable
 * (RoleAdminChanged), has no topic in the code and is not listed.
 */
export function emittableEvents(artifact: Artifact): string[] {
  return artifact.abi
    .filter((entry) => entry.type === 'event' && artifact.bytecode.includes(id(eventSignature(entry)).slice(2)))
    .map((entry) => entry.name ?? '')
    .sort();
}

function renderAbi(name: string, artifact: Artifact): string {
  const entries = artifact.abi.map((entry) => `  ${JSON.stringify(withoutInternalTypes(entry))},\n`).join('');
  return `${header}export const ${abiName(name)} = [\n${entries}] as const;\n`;
}

function renderIndex(contracts: readonly (readonly [string, Artifact])[]): string {
  const names = contracts.map(([name]) => name);
  const imports = names.map((name) => `import { ${abiName(name)} } from './${name}.ts';\n`).join('');
  const exports = `export {\n${names.map((name) => `  ${abiName(name)},\n`).join('')}};\n`;
  const abis = names.map((name) => `  ${name}: ${abiName(name)},\n`).join('');
  const events = contracts
    .map(
      ([name, artifact]) =>
        `  ${name}: [\n${emittableEvents(artifact)
          .map((event) => `    '${event}',\n`)
          .join('')}  ],\n`,
    )
    .join('');
  return `${header}${imports}\n${exports}\nexport const contractAbis = {\n${abis}} as const;\n\nexport const emittedEvents = {\n${events}} as const;\n`;
}

const header = '// Generated from protocol/contracts by `npm run -w protocol generate`. Do not edit.\n';

function eventSignature(entry: AbiEntry): string {
  return `${entry.name}(${(entry.inputs as readonly AbiParameter[]).map(canonicalType).join(',')})`;
}

function canonicalType({ type, components }: AbiParameter): string {
  return components ? `(${components.map(canonicalType).join(',')})${type.slice('tuple'.length)}` : type;
}

/** Solidity's internal types (`contract IERC20`, `enum X`) are of no use to callers and would double the files. */
function withoutInternalTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInternalTypes);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([field]) => field !== 'internalType');
  return Object.fromEntries(fields.map(([field, inner]) => [field, withoutInternalTypes(inner)]));
}
