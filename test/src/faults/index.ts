export { createDice } from './dice.ts';
export { layGround } from './ground.ts';
export { drawPlan } from './plan.ts';
export { type FaultOptions, FaultOptionsError, type FaultVerdict, readFaultOptions, runFaults } from './run.ts';
export { type Report, runSchedule } from './schedule.ts';
