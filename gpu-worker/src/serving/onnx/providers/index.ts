export { openOnBest } from './choose.ts';
export { probeDecoder, probeEncoder } from './probes.ts';
export { type OpenSession, openOn } from './session.ts';
