import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Config } from '../../config/index.ts';
import { CANARY } from '../canary.ts';

const BEGUN = new Date();

/** A bucket on loopback. It takes only requests whose signature (AWS Signature Version 4) and checksum are right. */
export interface FakeS3 {
  readonly config: S3Config;
  readonly objects: Map<string, Buffer>;
  /** Answers so many requests with this status before it works again. */
  fail(status: number, times: number): void;
  close(): Promise<void>;
}

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const faults: number[] = [];
  const secrets = { accessKeyId: `AKIA${CANARY}`, secretAccessKey: `secret/of+${CANARY}` };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const fault = faults.shift();
    if (fault !== undefined) return refuse(response, fault, 'SlowDown');
    if (!isSigned(request, secrets)) return refuse(response, 403, 'SignatureDoesNotMatch');
    const claimed = request.headers['x-amz-content-sha256'];
    if (request.method === 'PUT' && claimed !== sha256(body)) return refuse(response, 400, 'XAmzContentSHA256Mismatch');
    answer(request, response, body, objects);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    config: { endpoint: `http://127.0.0.1:${port}`, bucket: 'pictures', region: 'eu-central-1', ...secrets },
    objects,
    fail: (status, times) => void faults.push(...Array<number>(times).fill(status)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer, objects: Map<string, Buffer>): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
  const [, bucket, ...rest] = pathname.split('/');
  const name = rest.join('/');
  const object = objects.get(name);
  if (request.method === 'PUT') objects.set(name, body);
  if (request.method === 'DELETE') objects.delete(name);
  // Everything was stored when the server began.
  const headers = { 'last-modified': BEGUN.toUTCString() };
  if (bucket !== 'pictures') refuse(response, 404, 'NoSuchBucket');
  else if (searchParams.has('list-type')) response.writeHead(200).end(listing(objects, searchParams));
  else if (request.method === 'HEAD' && name !== '')
    response.writeHead(object === undefined ? 404 : 200, headers).end();
  else if (request.method !== 'GET') response.writeHead(200).end();
  else if (object === undefined) refuse(response, 404, 'NoSuchKey');
  else response.writeHead(200).end(object);
}

/** ListObjectsV2, as far as it is asked for. */
function listing(objects: Map<string, Buffer>, query: URLSearchParams): string {
  const after = query.get('start-after') ?? '';
  const names = [...objects.keys()].sort().filter((name) => name > after);
  const entries = names
    .slice(0, Number(query.get('max-keys')))
    .map((name) => `<Contents><Key>${name}</Key><LastModified>${BEGUN.toISOString()}</LastModified></Contents>`);
  return `<ListBucketResult>${entries.join('')}</ListBucketResult>`;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function isSigned(request: IncomingMessage, secrets: { accessKeyId: string; secretAccessKey: string }): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, *SignedHeaders=([^,]+), *Signature=(\w+)$/;
  const parts = pattern.exec(request.headers.authorization ?? '');
  const time = String(request.headers['x-amz-date']);
  if (parts === null || parts[1] !== secrets.accessKeyId || !time.startsWith(parts[2]!)) return false;
  const [, , date, region, signedHeaders, signature] = parts;
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
  const canonical = [
    request.method,
    pathname,
    searchParams.toString(),
    ...signedHeaders!.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signedHeaders,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, `${date}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const key = [date!, region!, 's3', 'aws4_request'].reduce<Buffer>(
    (outer, part) => hmac(outer, part),
    Buffer.from(`AWS4${secrets.secretAccessKey}`),
  );
  return hmac(key, toSign).toString('hex') === signature;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
