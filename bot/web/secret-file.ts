import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder } from '../private-folder.ts';

const NAME = 'web-secret';

/**
 * The secret that signs memberships: made at the first start, readable by this user only. Deleting it signs all out. It
 * lies in `bot/` of the data folder, which workers on the same pictures need not see: in containers a volume of the bot's.
 */
export async function readOrMakeSecret(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'bot');
  const path = join(folder, NAME);
  await makePrivateFolder(folder);
  await adopt(join(dataDir, NAME), path);
  try {
    await writeFile(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret.length < 32) throw new Error(`${path} holds no secret: delete it, and everybody signs in anew.`);
  return secret;
}

/** Where it lay in earlier versions. From one volume to another it can only be copied. */
async function adopt(earlier: string, path: string): Promise<void> {
  let secret: string;
  try {
    secret = await readFile(earlier, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  await writeFile(path, secret, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  await rm(earlier, { force: true });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
