import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_ATTACHMENT_BYTES } from '../../../bot/fetch-attachment.ts';
import { type SlackFile, toAttachment } from '../../../bot/slack/acts/attachment.ts';
import { clientOptions, SlackApi } from '../../../bot/slack/transport/api.ts';
import { UserError } from '../../../commands/request.ts';

const botToken = 'xoxb-canary';

/** A server that stands for Slack's own (its origin is `apiUrl`'s) and one that is a stranger's. */
async function listen(
  answer: (request: IncomingMessage) => { status: number; headers?: Record<string, string>; body?: Buffer },
) {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(request);
    const { status, headers, body } = answer(request);
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { server, seen, origin: `http://127.0.0.1:${address.port}` };
}

describe('a file that somebody attached', () => {
  let slack: Awaited<ReturnType<typeof listen>>;
  let stranger: Awaited<ReturnType<typeof listen>>;
  /** What files.info answers. */
  let info: object;

  beforeAll(async () => {
    stranger = await listen(() => ({ status: 200, body: Buffer.from('stolen') }));
    slack = await listen((request) => {
      if (request.url === '/redirect.png') return { status: 302, headers: { location: `${stranger.origin}/x.png` } };
      if (request.url === '/endless.png') return { status: 200, body: Buffer.alloc(MAX_ATTACHMENT_BYTES + 1) };
      if (request.url === '/gone.png') return { status: 404 };
      if (request.url === '/api/files.info') return { status: 200, body: Buffer.from(JSON.stringify(info)) };
      return { status: 200, body: Buffer.from('bytes') };
    });
  });

  afterAll(() => {
    for (const { server } of [slack, stranger]) server.close().closeAllConnections();
  });

  const fetchFile = (file: SlackFile) => {
    const apiUrl = `${slack.origin}/api/`;
    return toAttachment(file, {
      api: new SlackApi(botToken, clientOptions(apiUrl, undefined)),
      botToken,
      apiUrl,
    }).fetch();
  };
  const fetchFrom = (url: string, size?: number) =>
    fetchFile({ id: 'F1', name: 'cat.png', mimetype: 'image/png', size: size ?? null, url_private_download: url });

  it('is fetched with the bot’s token', async () => {
    await expect(fetchFrom(`${slack.origin}/cat.png`)).resolves.toEqual(Buffer.from('bytes'));
    expect(slack.seen.at(-1)?.headers.authorization).toBe(`Bearer ${botToken}`);
  });

  it('is asked for where only its id is told, as in channels that are shared with another workspace', async () => {
    info = { ok: true, file: { id: 'F1', name: 'cat.png', url_private: `${slack.origin}/cat.png` } };
    await expect(fetchFile({ id: 'F1' })).resolves.toEqual(Buffer.from('bytes'));
    info = { ok: true, file: { id: 'F1', url_private: `${stranger.origin}/cat.png` } };
    await expect(fetchFile({ id: 'F1' })).rejects.toThrow(/not a file that Slack keeps/);
    info = { ok: false, error: 'missing_scope' };
    await expect(fetchFile({ id: 'F1' })).rejects.toThrow(/files:read/);
    info = { ok: false, error: 'file_not_found' };
    await expect(fetchFile({ id: 'F1' })).rejects.toThrow(/F1 could not be fetched from Slack/);
  });

  it.each([
    'http://files.slack.com/cat.png',
    'https://files.slack.com.evil.example/cat.png',
    'https://evil.example/files.slack.com',
    'https://files.slack.com@evil.example/cat.png',
    'file:///etc/passwd',
    'nonsense',
  ])('is never fetched from %s', async (url) => {
    await expect(fetchFrom(url)).rejects.toThrow(UserError);
  });

  it('is never fetched from another server, nor through a redirect to one', async () => {
    await expect(fetchFrom(`${stranger.origin}/cat.png`)).rejects.toThrow(/not a file that Slack keeps/);
    await expect(fetchFrom(`${slack.origin}/redirect.png`)).rejects.toThrow(/files:read/);
    expect(stranger.seen).toEqual([]);
  });

  it('is capped, as promised and as sent', async () => {
    const before = slack.seen.length;
    await expect(fetchFrom(`${slack.origin}/cat.png`, MAX_ATTACHMENT_BYTES + 1)).rejects.toThrow(/larger than 20 MiB/);
    expect(slack.seen).toHaveLength(before);
    await expect(fetchFrom(`${slack.origin}/endless.png`, 10)).rejects.toThrow(/larger than 20 MiB/);
  });

  it('says what went wrong', async () => {
    await expect(fetchFrom(`${slack.origin}/gone.png`)).rejects.toThrow(/cat.png could not be fetched.*404/);
  });
});
