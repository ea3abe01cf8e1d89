/** Compiles every contract and prints warnings and sizes: `npm run -w protocol compile`. Exit 1 on errors or a contract too large. */
import { CompileError, compileContracts, contractSizes, maxRuntimeBytes } from '../src/compile/index.ts';

try {
  const { artifacts, warnings } = await compileContracts();
  for (const warning of warnings) console.warn(warning);
  const sizes = contractSizes(artifacts);
  const width = Math.max(...sizes.map(({ name }) => name.length));
  for (const { name, runtime, creation, tooLarge } of sizes) {
    const share = ((100 * runtime) / maxRuntimeBytes).toFixed(0);
    console.log(
      `${name.padEnd(width)} ${String(runtime).padStart(6)} of ${maxRuntimeBytes} bytes (${share.padStart(3)} %), creation ${creation}${tooLarge ? '  TOO LARGE' : ''}`,
    );
  }
  if (sizes.some(({ tooLarge }) => tooLarge)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
