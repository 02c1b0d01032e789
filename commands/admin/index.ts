import type { Command } from '../command.ts';
import { allowChannel, allowLora, allowModel, allowStyle, denyChannel } from './allow.ts';
import { audit } from './audit.ts';
import { blockAdd, blockList, blockRemove, blockTest } from './block.ts';
import { guildDefaults } from './defaults.ts';
import { keep } from './keep.ts';
import { limitConcurrent, limitCooldown, limitSize, limitSteps } from './limit.ts';
import { ban, cancelJob, unban } from './members.ts';
import { pause, resume } from './pause.ts';
import { adultPolicy, flaggedPolicy, spoilerPolicy } from './policy.ts';
import { quotaGrant, quotaRemove, quotaSet, quotaShow, quotaUnlimited } from './quota.ts';
import { showSettings } from './settings.ts';
import { exportSettings } from './settings-file.ts';
import { styleImport, styleRemove, styleSet } from './style.ts';
import { usage } from './usage.ts';

/** What only a guild's admins may do; all under `/easel-admin`. */
export const adminCommands: readonly Command[] = [
  showSettings,
  quotaSet,
  quotaRemove,
  quotaShow,
  quotaGrant,
  quotaUnlimited,
  limitCooldown,
  limitConcurrent,
  limitSize,
  limitSteps,
  allowChannel,
  denyChannel,
  allowModel,
  allowLora,
  allowStyle,
  guildDefaults,
  blockAdd,
  blockRemove,
  blockList,
  blockTest,
  styleSet,
  styleImport,
  styleRemove,
  adultPolicy,
  spoilerPolicy,
  flaggedPolicy,
  keep,
  ban,
  unban,
  pause,
  resume,
  cancelJob,
  usage,
  exportSettings,
  audit,
];
