import { copying } from './copying.ts';
import { cost } from './cost.ts';
import { logreg } from './logreg.ts';
import { lora } from './lora.ts';
import { noisy } from './noisy.ts';
import type { Part } from './part.ts';
import { recall } from './recall.ts';

/** In the order of the table. */
export const parts: readonly Part[] = [lora, logreg, recall, noisy, copying, cost];
