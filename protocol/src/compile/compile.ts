import { compilerSettings, maxCreationBytes, maxRuntimeBytes } from './settings.ts';
import type { Sources } from './sources.ts';

/** One entry of a contract's ABI as the compiler prints it. */
export type AbiEntry = { readonly type: string; readonly name?: string; readonly [field: string]: unknown };

/** A compiled contract. `bytecode` and `deployedBytecode` are 0x-prefixed; `0x` for interfaces and abstract contracts. */
export type Artifact = {
  readonly source: string;
  readonly abi: readonly AbiEntry[];
  readonly bytecode: `0x${string}`;
  readonly deployedBytecode: `0x${string}`;
};

export type Compilation = {
  readonly artifacts: Readonly<Record<string, Artifact>>;
  /** Formatted warnings about our own sources, each with file and line. */
  readonly warnings: readonly string[];
};

/** The sources do not compile. The message holds every error with its file, line and the line itself. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  readonly errors: readonly string[];
  constructor(errors: readonly string[]) {
    super(`${errors.length} Solidity error${errors.length === 1 ? '' : 's'}:\n\n${errors.join('\n')}`);
    this.errors = errors;
  }
}

type SolcOutput = {
  readonly errors?: readonly {
    readonly severity: 'error' | 'warning' | 'info';
    readonly formattedMessage: string;
    readonly sourceLocation?: { readonly file: string };
  }[];
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { abi: AbiEntry[]; evm: Record<string, { object: string }> }>>>
  >;
};

/**
 * Compiles `sources` in this process and returns the contracts of `units` by contract name.
 * @throws CompileError when the sources do not compile, or two units define contracts of one name.
 */
export async function compile(sources: Sources, units: readonly string[]): Promise<Compilation> {
  const wanted = { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] };
  const solc = await loadSolc();
  const output: SolcOutput = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: 'Solidity',
        sources: Object.fromEntries(Object.entries(sources).map(([unit, content]) => [unit, { content }])),
        settings: { ...compilerSettings, outputSelection: Object.fromEntries(units.map((unit) => [unit, wanted])) },
      }),
    ),
  );
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error');
  if (errors.length > 0) throw new CompileError(errors.map((error) => error.formattedMessage));

  const artifacts: Record<string, Artifact> = {};
  for (const unit of units) {
    for (const [name, contract] of Object.entries(output.contracts?.[unit] ?? {})) {
      const other = artifacts[name];
      if (other)
        throw new CompileError([`${unit}: contract ${name} is already defined in ${other.source}; rename one\n`]);
      artifacts[name] = {
        source: unit,
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode?.object ?? ''}`,
        deployedBytecode: `0x${contract.evm.deployedBytecode?.object ?? ''}`,
      };
    }
  }
  const warnings = (output.errors ?? []).filter(
    (error) => error.severity === 'warning' && !error.sourceLocation?.file.startsWith('@'),
  );
  return { artifacts, warnings: warnings.map((warning) => warning.formattedMessage) };
}

/** Runtime and creation sizes of the deployable contracts, largest first, in bytes, against the chain's limits. */
export function contractSizes(artifacts: Readonly<Record<string, Artifact>>) {
  return Object.entries(artifacts)
    .map(([name, artifact]) => ({
      name,
      runtime: artifact.deployedBytecode.length / 2 - 1,
      creation: artifact.bytecode.length / 2 - 1,
    }))
    .filter(({ creation }) => creation > 0)
    .map((size) => ({ ...size, tooLarge: size.runtime > maxRuntimeBytes || size.creation > maxCreationBytes }))
    .sort((a, b) => b.runtime - a.runtime);
}

/**
 * Loading the compiler installs process-wide handlers (emscripten's, which abort on any unhandled rejection):
 * they are taken off again, so that compiling never changes how the caller's process fails.
 */
async function loadSolc(): Promise<{ compile(input: string): string }> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const { default: solc } = await import('solc');
  events.forEach((event, index) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]?.includes(listener)) process.off(event, listener as (...args: unknown[]) => void);
    }
  });
  return solc;
}
