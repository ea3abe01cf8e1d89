import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Ends the guarded processes when this process dies without having stopped them, even by SIGKILL. */
export type Watchdog = {
  guard(pid: number): void;
  release(pid: number): void;
  close(): void;
};

/** The watchdog is a small process that holds one end of a pipe: when the pipe closes, its peer is gone. */
export function startWatchdog(): Watchdog {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./watchdog-main.ts', import.meta.url))], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  child.on('error', () => {});
  const pipe = child.stdin!;
  pipe.on('error', () => {});
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  return {
    guard: (pid) => void pipe.write(`+${pid}\n`),
    release: (pid) => void pipe.write(`-${pid}\n`),
    close: () => void pipe.end('.\n'),
  };
}
