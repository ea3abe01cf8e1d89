import { accessSync, constants, mkdirSync } from 'node:fs';

export class StateDirError extends Error {
  override readonly name = 'StateDirError';
}

/** Makes sure that the state folder exists and can be written. @throws StateDirError saying what to change. */
export function prepareStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true });
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StateDirError(
      `The state folder ${stateDir} cannot be written (${reason}). Make it writable, or set OPENLEDGER_STATE_DIR to another folder.`,
    );
  }
}
