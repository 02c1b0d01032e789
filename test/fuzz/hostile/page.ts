import { verifySignature } from '../../../bot/slack/transport/signature.ts';
import { requestOf } from '../../../bot/web/acts.ts';
import { MAX_BODY_BYTES, readIncoming } from '../../../bot/web/incoming.ts';
import { userIdSchema } from '../../../commands/ids.ts';
import { commands } from '../../../commands/index.ts';
import { filled, filledText, type Hold, holdTarget } from '../hold.ts';

const turn = '0190a0a0-0000-7000-8000-000000000000';
const visitor = { user: userIdSchema.parse('web-1'), admin: false, locale: 'en' } as const;

const sent = (type: string, body: Buffer): Request =>
  new Request('http://localhost/', {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(body.subarray(0, MAX_BODY_BYTES)),
  });
const json = (text: string): Request => sent('application/json', Buffer.from(text));
const form = (boundary: string, body: Buffer): Request => sent(`multipart/form-data; boundary=${boundary}`, body);
/** As browsers choose it, at least as long. */
const B = '-boundary-of-a-f';
const head = (name: string, rest = '') => `--${B}\r\ncontent-disposition: form-data; name="${name}"${rest}\r\n\r\n`;
const field = (body: string) => Buffer.from(`${head('act')}${body}\r\n`);
const END = Buffer.from(`\r\n--${B}--\r\n`);
const file = (body: Buffer) => Buffer.concat([Buffer.from(head('file:picture', '; filename="a.png"')), body]);
const act = JSON.stringify({ kind: 'text', turn, text: '/imagine a cat' });
const keys = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":""`).join();
const MAX_JSON = 128 * 1024;
/** 70 characters are the longest boundary there may be; one of a single sign is the worst to look for. */
const SAME = '-'.repeat(70);

/** What the page and Slack's endpoint take. */
export const pageHolds: readonly Hold[] = [
  holdTarget({
    name: "the page's requests",
    inputs: {
      'lists within lists': (bytes) => json(filledText('[', Math.min(bytes, MAX_JSON))),
      'objects within objects': (bytes) => json(filledText('{"kind":', Math.min(bytes, MAX_JSON))),
      'countless keys': (bytes) =>
        json(
          `{"kind":"press","turn":"${turn}","message":"${turn}","command":"","target":"","options":{${keys(Math.min(bytes, MAX_JSON) / 13)}}}`,
        ),
      'more JSON than an act has': (bytes) => json(filledText('{},', bytes)),
      'countless parts': (bytes) => form(B, Buffer.concat([filled(`${head('f')}x\r\n`, bytes), END])),
      'boundaries only': (bytes) => form(B, filled(`--${B}\r\n`, bytes)),
      'a file that is nearly all boundary': (bytes) =>
        form(SAME, Buffer.concat([Buffer.from(`--${SAME}\r\n\r\n\r\n`), filled(`\r\n${SAME}+`, bytes)])),
      'a file of hyphens': (bytes) =>
        form(SAME, Buffer.concat([Buffer.from(`--${SAME}\r\n\r\n\r\n`), filled('-', bytes)])),
      'a file of line ends': (bytes) => form(B, Buffer.concat([field(act), file(filled('\r\n', bytes)), END])),
      'a head without end': (bytes) =>
        form(B, Buffer.concat([Buffer.from(`--${B}\r\n`), filled('a: b\r\n', bytes), END])),
      'a long name': (bytes) => form(B, Buffer.concat([Buffer.from(head(filledText('%22', bytes))), END])),
      'a long act': (bytes) => form(B, Buffer.concat([field(filledText('{"kind":', bytes)), END])),
      'a large file': (bytes) => form(B, Buffer.concat([field(act), file(filled('x', bytes - 1_000)), END])),
    },
    async parse(request) {
      const incoming = await readIncoming(request);
      if (incoming === null) return;
      requestOf(visitor, incoming, commands);
      for (const attached of incoming.files.values()) await attached.fetch();
    },
  }),
  holdTarget({
    name: "Slack's endpoint",
    inputs: {
      signatures: (bytes) => filled('a=', Math.min(bytes, 2 ** 20)),
      'countless fields': (bytes) => filled('a=b&', Math.min(bytes, 2 ** 20)),
      'escapes only': (bytes) => filled('%41', Math.min(bytes, 2 ** 20)),
      'lists within lists': (bytes) => filled('[', Math.min(bytes, 2 ** 20)),
    },
    parse(body) {
      verifySignature({ timestamp: '1700000000', signature: `v0=${'a'.repeat(64)}`, body }, 'secret', 1.7e12);
      new URLSearchParams(body.toString()).get('payload');
      JSON.parse(body.toString());
    },
  }),
];
