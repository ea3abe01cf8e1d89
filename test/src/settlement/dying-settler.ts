/** A settler that kills itself, without any chance to clean up, when it comes to a step. */
import type { Step } from '@openledger/gpu-worker/settlement';
import type { Place } from './ground.ts';
import { startSettling } from './settling.ts';

process.once('message', ({ place, at }: { readonly place: Place; readonly at: Step }) => {
  startSettling(place, {
    onStep: (step) => {
      if (step === at) process.kill(process.pid, 'SIGKILL');
    },
  });
});
process.once('disconnect', () => process.exit(1));
process.send?.('loaded');
