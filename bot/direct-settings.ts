import { readFile } from 'node:fs/promises';
import { userIdSchema } from '../commands/ids.ts';
import { PERSONAL_GUILDS } from '../commands/request.ts';
import type { SettingsService } from '../commands/services.ts';
import { defaultSettings, type GuildSettings, parseSettings } from '../commands/settings.ts';
import { ConfigError } from '../config/index.ts';

const OPERATOR = userIdSchema.parse('operator');

/**
 * Lets the operator's file rule direct and group conversations, which have no admin; without one the defaults rule there.
 * Rejects with a `ConfigError` that names the file.
 */
export async function applyDirectSettings(file: string | undefined, settings: SettingsService): Promise<void> {
  const wanted = file === undefined ? defaultSettings : await readSettings(file);
  const present = await settings.of(PERSONAL_GUILDS);
  if (JSON.stringify(present) === JSON.stringify(wanted)) return;
  const action = file === undefined ? 'DIRECT_SETTINGS taken away' : 'DIRECT_SETTINGS read';
  await settings.change({ guild: PERSONAL_GUILDS, by: OPERATOR, action, edit: () => wanted });
}

async function readSettings(file: string): Promise<GuildSettings> {
  try {
    return parseSettings(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new ConfigError([`DIRECT_SETTINGS: ${file} is no file from /easel-admin export: ${problem}`]);
  }
}
