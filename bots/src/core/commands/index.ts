import type { Command } from '../command.ts';
import { datanets } from './datanets.ts';
import { link } from './link.ts';
import { unlink } from './unlink.ts';

/** Everything that can be asked for, as it is listed. */
export const commands: readonly Command[] = [datanets, link, unlink];
