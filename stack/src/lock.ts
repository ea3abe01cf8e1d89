import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export class StateInUseError extends Error {
  override readonly name = 'StateInUseError';
}

/**
 * Takes the state folder for this process; the lock of a process that is gone counts for nothing.
 * @returns what gives the folder back. @throws StateInUseError naming the process that holds it.
 */
export function lockState(stateDir: string): () => void {
  const file = join(stateDir, 'lock');
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(file, 'utf8'));
      if (isAlive(holder)) {
        throw new StateInUseError(
          `The state folder ${stateDir} is in use by process ${holder}. Stop that one, or set OPENLEDGER_STATE_DIR to another folder.`,
        );
      }
      rmSync(file, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
