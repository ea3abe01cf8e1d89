import { createRequire } from 'node:module';

const platforms: Readonly<Record<string, string>> = { darwin: 'darwin', linux: 'linux', win32: 'win32' };
const architectures: Readonly<Record<string, string>> = { arm64: 'arm64', x64: 'amd64' };

/** The anvil that npm installed for this machine. @throws Error when there is none for it. */
export function anvilBinary(): string {
  const name = `@foundry-rs/anvil-${platforms[process.platform]}-${architectures[process.arch]}`;
  const file = process.platform === 'win32' ? 'bin/anvil.exe' : 'bin/anvil';
  try {
    return createRequire(import.meta.url).resolve(`${name}/${file}`);
  } catch (cause) {
    throw new Error(
      `No anvil for ${process.platform} ${process.arch} is installed (${name}). Run npm install without --omit=optional.`,
      { cause },
    );
  }
}
