export { createDice, type Dice } from './dice.ts';
export { type FaultKind, type FaultRates, faultKinds } from './fault.ts';
export { type Ground, layGround } from './ground.ts';
export { drawPlan, outlookKinds, type Plan, type Step } from './plan.ts';
export { type Report, runSchedule } from './schedule.ts';
