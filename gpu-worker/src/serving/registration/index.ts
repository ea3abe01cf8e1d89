export type { ChainStanding } from './chainWorker.ts';
export { createRegistration, type Registration, type RegistrationOptions } from './registration.ts';
export { type Figures, figuresOf } from './telemetry.ts';
