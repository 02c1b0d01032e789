import { AwsClient } from 'aws4fetch';
import { type BlobKey, blobKeySchema } from '../../commands/ids.ts';
import type { S3Config } from '../../config/index.ts';
import { type Blobs, blobKeyOf, MissingBlobError, verified } from './blobs.ts';

/** Busy servers (429, 5xx) are asked again, after 50 ms and then each time twice as long. */
const RETRIES = 5;
/** One object of a listing (ListObjectsV2). */
const LISTED = /<Contents>(.*?)<\/Contents>/gs;
const TIMEOUT_MS = 30_000;

/** The S3 server does not answer or is too busy (`S3_AWAY`), or refuses; the message names the bucket and what to check. */
export class S3Error extends Error {
  readonly code: 'S3_AWAY' | 'S3_REFUSES';

  constructor(code: S3Error['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'S3Error';
    this.code = code;
  }
}

/** Blobs in a bucket of any S3 server, in folders by their keys' first two digits. Rejects where the bucket cannot be used. */
export async function s3Blobs(config: S3Config): Promise<Blobs> {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = config;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES });
  const place = `the bucket ${bucket} at ${new URL(endpoint).host}`;

  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const address = `${endpoint}/${bucket}${path}`;
    try {
      return await client.fetch(address, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw new S3Error('S3_AWAY', `${place} does not answer: start the server, or set S3_ENDPOINT right.`, { cause });
    }
  };
  const refused = async (response: Response): Promise<S3Error> => {
    const code = /<Code>([^<]{1,60})/.exec(await response.text())?.[1];
    const reason = code === undefined ? response.status : `${response.status} ${code}`;
    return response.status === 429 || response.status >= 500
      ? new S3Error('S3_AWAY', `${place} cannot answer now (${reason}): look at its server.`)
      : new S3Error('S3_REFUSES', `${place} refuses (${reason}): check S3_BUCKET, S3_REGION and the keys.`);
  };

  const reached = await ask('', { method: 'HEAD' });
  if (!reached.ok) throw await refused(reached);

  return {
    async put(bytes) {
      const key = await blobKeyOf(bytes);
      // The key is the checksum that S3 holds the bytes against.
      const headers = { 'content-type': 'application/octet-stream', 'x-amz-content-sha256': key };
      const response = await ask(pathOf(key), { method: 'PUT', headers, body: Uint8Array.from(bytes) });
      if (!response.ok) throw await refused(response);
      return key;
    },

    async get(key) {
      const response = await ask(pathOf(key), { method: 'GET' });
      if (response.status === 404) throw new MissingBlobError(key, 'is gone');
      if (!response.ok) throw await refused(response);
      return verified(key, new Uint8Array(await response.arrayBuffer()));
    },

    async remove(key) {
      const response = await ask(pathOf(key), { method: 'DELETE' });
      if (!response.ok && response.status !== 404) throw await refused(response);
    },

    async removeOlder(key, moment) {
      const found = await ask(pathOf(key), { method: 'HEAD' });
      if (found.status === 404) return true;
      if (!found.ok) throw await refused(found);
      if (!(new Date(found.headers.get('last-modified') ?? Number.NaN) < moment)) return false;
      const response = await ask(pathOf(key), { method: 'DELETE' });
      if (!response.ok && response.status !== 404) throw await refused(response);
      return true;
    },

    async list(after, limit) {
      const query = new URLSearchParams({ 'list-type': '2', 'max-keys': String(limit) });
      if (after !== null) query.set('start-after', pathOf(after).slice(1));
      const response = await ask(`?${query}`, { method: 'GET' });
      if (!response.ok) throw await refused(response);
      return [...(await response.text()).matchAll(LISTED)].flatMap(([, entry = '']) => {
        const key = blobKeySchema.safeParse(/<Key>[^<]*\/([^<]*)<\/Key>/.exec(entry)?.[1]);
        const storedAt = new Date(/<LastModified>([^<]*)</.exec(entry)?.[1] ?? Number.NaN);
        return key.success ? [{ key: key.data, storedAt }] : [];
      });
    },
  };
}

function pathOf(key: BlobKey): string {
  return `/${key.slice(0, 2)}/${key}`;
}
