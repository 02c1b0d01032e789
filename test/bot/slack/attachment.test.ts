import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_ATTACHMENT_BYTES } from '../../../bot/fetch-attachment.ts';
import { toAttachment } from '../../../bot/slack/acts/attachment.ts';
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

  beforeAll(async () => {
    stranger = await listen(() => ({ status: 200, body: Buffer.from('stolen') }));
    slack = await listen((request) => {
      if (request.url === '/redirect.png') return { status: 302, headers: { location: `${stranger.origin}/x.png` } };
      if (request.url === '/endless.png') return { status: 200, body: Buffer.alloc(MAX_ATTACHMENT_BYTES + 1) };
      if (request.url === '/gone.png') return { status: 404 };
      return { status: 200, body: Buffer.from('bytes') };
    });
  });

  afterAll(() => {
    for (const { server } of [slack, stranger]) server.close().closeAllConnections();
  });

  const fetchFrom = (url: string, size?: number) =>
    toAttachment(
      { id: 'F1', name: 'cat.png', mimetype: 'image/png', size: size ?? null, url_private_download: url },
      { botToken, apiUrl: `${slack.origin}/api/` },
    ).fetch();

  it('is fetched with the bot’s token', async () => {
    await expect(fetchFrom(`${slack.origin}/cat.png`)).resolves.toEqual(Buffer.from('bytes'));
    expect(slack.seen.at(-1)?.headers.authorization).toBe(`Bearer ${botToken}`);
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
