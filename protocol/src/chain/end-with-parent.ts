import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** With the folder that each would leave behind. */
const running = new Map<ChildProcess, string>();

/**
 * Ends a child when this process ends: by returning, by `process.exit`, by an uncaught error, or by a signal that nothing
 * else here handles (the child then gets SIGTERM, so it can write its state, and this process dies of the signal as it
 * would have). Whoever handles signals stops its children itself. Only SIGKILL leaves the child behind: no code runs then,
 * so a parent that must not leave one needs another process to watch it.
 *
 * @param folder is removed when the child is killed outright.
 */
export function endWithParent(child: ChildProcess, folder: string): void {
  if (running.size === 0) listen();
  running.set(child, folder);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) unlisten();
  });
}

function onExit(): void {
  for (const [child, folder] of running) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  for (const child of running.keys()) child.kill('SIGTERM');
  unlisten();
  process.kill(process.pid, signal);
}

function listen(): void {
  process.on('exit', onExit);
  for (const signal of signals) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', onExit);
  for (const signal of signals) process.off(signal, onSignal);
}
