import fs from 'node:fs';

/**
 * Ends this process when nobody reads its output any more, as SIGPIPE does to programs that do not ignore it.
 *
 * Node ignores it, and pino, which Ponder logs with, then goes on silently and tries to write its last line for ever
 * when it should end: an indexer whose supervisor was killed would live on, deaf to SIGTERM, and keep the database's
 * lock. Being killed is safe, the next one goes on from there.
 */
export const endWithReader = (): void => {
  const { write, writeSync } = fs;
  // Everyone who logs, pino included, calls through the module's object.
  Object.assign(fs, {
    write: (fd: number, ...rest: unknown[]) => {
      const callback = rest.pop();
      const called = (error: unknown, ...results: unknown[]) => {
        endIfUnread(error, fd);
        if (typeof callback === 'function') callback(error, ...results);
      };
      Reflect.apply(write, fs, [fd, ...rest, called]);
    },
    writeSync: (fd: number, ...rest: unknown[]) => {
      try {
        return Reflect.apply(writeSync, fs, [fd, ...rest]);
      } catch (error) {
        endIfUnread(error, fd);
        throw error;
      }
    },
  });
  process.stdout.on('error', (error) => endIfUnread(error, 1));
  process.stderr.on('error', (error) => endIfUnread(error, 2));
};

const endIfUnread = (error: unknown, fd: number) => {
  const isBroken = error instanceof Error && 'code' in error && error.code === 'EPIPE';
  if (isBroken && (fd === 1 || fd === 2)) process.kill(process.pid, 'SIGKILL');
};
