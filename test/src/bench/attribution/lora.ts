import { measureLds } from './lora/lds.ts';
import { measureLeaveOneOut } from './lora/leaveOneOut.ts';
import { measureRemoval } from './lora/removal.ts';
import { openSetting } from './lora/setting.ts';
import type { Part } from './part.ts';

/** Attribution of an adapter of the shipped base beside what retraining finds: on halves of its rows, without 5 %, without one. */
export const lora: Part = {
  name: 'lora',
  async run(plan, progress) {
    const setting = await openSetting(plan, progress);
    const { figures, damping } = await measureLds(setting, plan, progress);
    const removal = await measureRemoval(setting, damping, plan, progress);
    const leaveOneOut = await measureLeaveOneOut(setting, damping, plan, progress);
    return { ...figures, ...removal, ...leaveOneOut };
  },
};
