import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMultipart } from '../../../bot/web/multipart.ts';

const B = '-formboundary-b01';
const TYPE = `multipart/form-data; boundary=${B}`;
const part = (head: string, body = 'x') => `--${B}\r\n${head}\r\n\r\n${body}\r\n`;
const parse = (text: string, type = TYPE, most = 8) => parseMultipart(Buffer.from(text), type, most);
const named = (name: string) => part(`Content-Disposition: form-data; name="${name}"`);

describe('forms that a browser sends', () => {
  it('are read as they were filled in, whatever the bytes, the names and the files’ names are', async () => {
    const field = fc.record({
      name: fc.string({ maxLength: 20 }),
      fileName: fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('\r\n', '\r\n--', '--', '\r\n\r\n', '\r').map((text) => Buffer.from(text)),
      ),
    });
    // Browsers make a line end of a lone CR or LF, and cannot tell a written %22 from a quote.
    const isPlain = (text: string): boolean => !/[\r\n%]/.test(text);
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 5 }), async (fields) => {
        const form = new FormData();
        for (const { name, fileName, bytes } of fields) {
          if (!isPlain(name) || (fileName !== null && !isPlain(fileName))) fc.pre(false);
          if (fileName === null) form.append(name, Buffer.from(bytes).toString('hex'));
          else form.append(name, new File([Uint8Array.from(bytes)], fileName, { type: 'image/png' }));
        }
        const sent = new Response(form);
        const type = sent.headers.get('content-type') ?? '';
        const parts = parseMultipart(Buffer.from(await sent.arrayBuffer()), type, 5);
        expect(parts).toEqual(
          fields.map(({ name, fileName, bytes }) => ({
            name,
            fileName,
            contentType: fileName === null ? null : 'image/png',
            body: Buffer.from(fileName === null ? Buffer.from(bytes).toString('hex') : bytes),
          })),
        );
      }),
    );
  });

  it.each([15, 71])('have a boundary that is as long as browsers make it, not of %i', (length) => {
    const boundary = 'b'.repeat(length);
    const form = named('a').replaceAll(B, boundary);
    expect(parse(`${form}--${boundary}--`, `multipart/form-data; boundary="${boundary}"`)).toBeNull();
  });

  it('have few parts, short heads and an end', () => {
    expect(parse(`${named('a')}${named('c')}--${B}--\r\n`)).toHaveLength(2);
    expect(parse(`${named('a')}--${B}--`, `multipart/form-data; charset=utf-8; boundary="${B}"`)).toHaveLength(1);
    expect(parse(`${named('a')}${named('c')}--${B}--\r\n`, TYPE, 1)).toBeNull();
    expect(parse(`${part(`Content-Disposition: form-data; name="a"\r\nx: ${'y'.repeat(5_000)}`)}--${B}--`)).toBeNull();
    expect(parse(named('a')), 'cut off').toBeNull();
    expect(parse(`${named('a')}--${B}`)).toBeNull();
  });

  it.each([
    ['', TYPE],
    [`--${B}--`, TYPE],
    [`--${B}\r\n--${B}--`, TYPE],
    [`--${B}\r\n\r\n--${B}--`, TYPE],
    [`${part('Content-Disposition: attachment; name="a"')}--${B}--`, TYPE],
    [`${part('Content-Disposition: form-data')}--${B}--`, TYPE],
    [`${part('')}--${B}--`, TYPE],
    [`${named('a')}--${B}--`, 'multipart/form-data'],
    [`${named('a')}--${B}--`, 'multipart/form-data; boundary=another-boundary-c'],
  ])('%j is none', (text, type) => {
    expect(parse(text, type)).toBeNull();
  });
});
