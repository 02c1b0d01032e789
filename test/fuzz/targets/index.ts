import type { FuzzTarget } from '../fuzz.ts';
import { commandTargets } from './commands.ts';
import { modelTargets } from './models.ts';
import { platformTargets } from './platforms.ts';

/** Every parser of what strangers give. To add one: its line in one of these lists. */
export const targets: readonly FuzzTarget[] = [...commandTargets, ...platformTargets, ...modelTargets];
