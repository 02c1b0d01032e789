import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { toAttachment } from '../../../bot/discord/acts/attachment.ts';
import { MAX_ATTACHMENT_BYTES } from '../../../bot/fetch-attachment.ts';
import { UserError } from '../../../commands/request.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const attach = (url: string, apiUrl?: string) =>
  toAttachment({ name: 'cat.png', contentType: 'image/png', size: 1, url }, apiUrl);

describe('an attachment', () => {
  it.each([
    'http://cdn.discordapp.com/attachments/1/2/cat.png',
    'https://cdn.discordapp.com.evil.example/cat.png',
    'https://cdn.discordapp.com@evil.example/cat.png',
    'https://cdn.discordapp.com:8443/cat.png',
    'https://evil.example/cdn.discordapp.com',
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1:1/cat.png',
    'file:///etc/passwd',
    'nonsense',
  ])('is not fetched from %s', async (url) => {
    await expect(attach(url).fetch()).rejects.toThrow(/not a file that Discord keeps/);
  });

  it('is not fetched from another port of the host that stands for Discord', async () => {
    let asked = 0;
    const address = await serve((_request, response) => {
      asked += 1;
      response.end('secret');
    });
    await expect(attach(`${address}/cat.png`, 'http://127.0.0.1:9/api').fetch()).rejects.toThrow(UserError);
    expect(asked).toBe(0);
  });

  it('follows no redirect', async () => {
    const paths: (string | undefined)[] = [];
    const address = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(attach(`${address}/cat.png`, `${address}/api`).fetch()).rejects.toThrow(/302/);
    expect(paths).toEqual(['/cat.png']);
  });

  it('is cut off where it is longer than it said', async () => {
    const address = await serve((_request, response) => {
      response.write(Buffer.alloc(MAX_ATTACHMENT_BYTES));
      response.end('more');
    });
    await expect(attach(`${address}/cat.png`, `${address}/api`).fetch()).rejects.toThrow(/20 MiB/);
  });
});
