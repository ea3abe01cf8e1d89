import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from './child.ts';

/** The other end of watchdog.ts: `+pid` guards, `-pid` releases, `.` says goodbye. */
const guarded = new Set<number>();
let dismissed = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) guarded.add(pid);
  else if (line.startsWith('-')) guarded.delete(pid);
  else dismissed = true;
}

if (!dismissed && guarded.size > 0) {
  for (const pid of guarded) signalGroup(pid, 'SIGTERM');
  await sleep(8_000);
  for (const pid of guarded) signalGroup(pid, 'SIGKILL');
}
process.exit(0);
