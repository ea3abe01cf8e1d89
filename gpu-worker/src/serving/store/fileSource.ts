import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Source, SourceError } from './source.ts';

/** A folder of this machine, or of one that it has mounted. */
export const createFileSource = (folder: string): Source => ({
  open: async (name) => {
    const file = await open(join(folder, name), 'r').catch((error: NodeJS.ErrnoException) => {
      throw new SourceError(`${join(folder, name)} cannot be read: ${error.code}`);
    });
    const stats = await file.stat();
    if (!stats.isFile()) {
      await file.close();
      throw new SourceError(`${join(folder, name)} is not a file`);
    }
    const body = file.createReadStream();
    return { size: stats.size, body, close: () => void body.destroy() };
  },
});
