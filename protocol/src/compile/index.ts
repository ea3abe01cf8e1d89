export { type Artifacts, compileContracts, loadArtifacts, loadHarness } from './artifacts.ts';
export { type AbiEntry, type Artifact, type Compilation, CompileError, compile, contractSizes } from './compile.ts';
export { compilerSettings, compilerVersion, maxCreationBytes, maxRuntimeBytes } from './settings.ts';
