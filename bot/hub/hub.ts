import { z } from 'zod';
import type { HubConfig } from '../../config/index.ts';

/** Why nothing can be pulled: one line that names the thing and the fix. */
export class HubError extends Error {
  override readonly name = 'HubError';
}

/** One file of a repository, by the checksum that the hub has of it. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** Large files have their SHA-256; the others git's own SHA-1 over "blob", their length and their bytes. */
  readonly checksum: { readonly kind: 'sha256' | 'git-sha1'; readonly hex: string };
}

/** A repository as it is at one commit. */
export interface HubRepository {
  readonly name: string;
  /** Everything is fetched at this commit, whatever is pushed meanwhile. */
  readonly commit: string;
  readonly licence: string | null;
  readonly files: readonly HubFile[];
}

const repositorySchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z.object({ license: z.string().optional(), license_name: z.string().optional() }).nullish(),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().int().nonnegative(),
        blobId: z.string().regex(/^[0-9a-f]{40}$/),
        lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.number() }).optional(),
      }),
    )
    .max(100_000),
});

/** A name within a folder: no empty segment, none of dots only, nothing that a file system or a terminal takes otherwise. */
const SAFE_PATH = /^(?!.*(?:^|\/)\.+(?:\/|$))[\w.,+()@ -]+(?:\/[\w.,+()@ -]+)*$/;

/** Whether a file of the hub can be kept under its own name; others are passed over, for no model needs such a name. */
function isSafePath(path: string): boolean {
  return path.length <= 300 && SAFE_PATH.test(path);
}

/** How long the hub may take to begin an answer. */
const ANSWER_MS = 30_000;

/** Reads what a repository holds. Rejects with a HubError where it is missing or not for this token. */
export async function readRepository(
  { endpoint, token }: HubConfig,
  name: string,
  revision: string,
  signal: AbortSignal,
): Promise<HubRepository> {
  const url = `${endpoint}/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const response = await fetch(url, {
    headers: authorization(token),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new HubError(`${endpoint} does not answer: check the network, or HF_ENDPOINT.`, { cause });
  });
  if (!response.ok) throw refusal(response, name, revision, endpoint);
  const parsed = repositorySchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw new HubError(`${endpoint} did not answer as a model hub does: check HF_ENDPOINT.`);
  const { sha: commit, cardData, siblings } = parsed.data;
  return {
    name,
    commit,
    licence: cardData?.license_name ?? cardData?.license ?? null,
    files: siblings
      .filter(({ rfilename }) => isSafePath(rfilename))
      .map(({ rfilename: path, size: bytes, blobId, lfs }) => ({
        path,
        bytes,
        checksum: lfs ? { kind: 'sha256', hex: lfs.sha256 } : { kind: 'git-sha1', hex: blobId },
      })),
  };
}

/** Where a file's bytes are asked for; the hub sends large ones on to another host. */
export function fileUrl({ endpoint }: HubConfig, { name, commit }: HubRepository, path: string): string {
  return `${endpoint}/${name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** `fetch` sends it to no other host when it follows a redirection. */
export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Why the hub gave no file or list, in words. */
export function refusal(response: Response, name: string, revision: string, endpoint: string): HubError {
  switch (response.status) {
    case 401:
    case 403:
      return new HubError(
        response.headers.get('x-error-code') === 'GatedRepo'
          ? `${name} is gated: accept its terms at ${endpoint}/${name}, and set HF_TOKEN to a token of that account.`
          : `${name} is not there, or not for this token: check the name, or set HF_TOKEN to one that may read it.`,
      );
    case 404:
      return new HubError(
        response.headers.get('x-error-code') === 'RevisionNotFound'
          ? `${name} has no revision ${revision}.`
          : `There is no repository ${name} at ${endpoint}: check the name; a private one needs HF_TOKEN.`,
      );
    default:
      return new HubError(`${endpoint} answered ${response.status} for ${name}: try again later.`);
  }
}
