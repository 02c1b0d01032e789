import { describe, expect, test } from 'vitest';
import { readStyles } from '../../commands/admin/read-styles.ts';
import { ask, attachment } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

const CSV = `\uFEFFname,prompt,negative_prompt
"Film Noir (v2)","film noir of {prompt}, ""hard"" light,
deep shadows",colour
None,,
Clean,,"blurry, noisy"\r
Ink,ink wash`;

describe('styles of a file', () => {
  const styles = [
    { name: 'film-noir-v2', prompt: 'film noir of {prompt}, "hard" light,\ndeep shadows', negative: 'colour' },
    { name: 'clean', prompt: '{prompt}', negative: 'blurry, noisy' },
    { name: 'ink', prompt: 'ink wash' },
  ];

  test('as AUTOMATIC1111 writes them', () => expect(readStyles(CSV)).toEqual(styles));

  test.each([
    ['a list', (list: unknown) => list],
    ['our own settings', (list: unknown) => ({ version: 1, styles: list })],
  ])('as JSON: %s', (_name, wrap) => {
    const list = styles.map(({ negative, ...style }) => ({ ...style, negative_prompt: negative ?? '' }));
    expect(readStyles(JSON.stringify(wrap(list)))).toEqual(styles);
  });

  test('of one name the last counts', () => {
    expect(readStyles('name,prompt\nInk,a\nink,b')).toEqual([{ name: 'ink', prompt: 'b' }]);
  });

  test.each([
    ['a,b\n1,2', 'its first line is not name,prompt,negative_prompt'],
    ['[1]', 'it is no list of objects'],
    ['{', 'it is not JSON'],
    [`name,prompt\nlong,${'x'.repeat(1001)}`, '"long": prompt'],
    ['name,prompt\n!!,x', '"!!": name'],
    [`name,prompt\n${'a,b\n'.repeat(2_001)}`, 'it is longer than any list of styles'],
    [`name,prompt${',a'.repeat(40)}\n`, 'it is longer than any list of styles'],
    [`[${'{},'.repeat(40_000)}{}]`, 'it is longer than any list of styles'],
    [`${'['.repeat(20)}${']'.repeat(20)}`, 'it is longer than any list of styles'],
  ])('%.20s is refused', (text, line) => {
    expect(() => readStyles(text)).toThrow(line);
  });
});

test('are imported from chat, used around both prompts, and replaced by name', async () => {
  const services = new MemoryServices();
  const bytes = (text: string) => attachment(new TextEncoder().encode(text), 'styles.csv');
  const admin = { admin: true };
  expect(await ask(services, 'easel-admin style import', { file: bytes(CSV) }, admin)).toMatchObject({
    text: '3 styles were saved: film-noir-v2, clean, ink.',
  });
  await ask(services, 'easel-admin style import', { file: bytes('name,prompt\nink,{prompt} in ink') }, admin);
  expect(services.store.settings.get('guild')?.styles).toHaveLength(3);
  await ask(services, 'imagine', { prompt: 'a cat', prompt2: 'a dog', style: 'ink' });
  expect(services.lastWork().recipe).toMatchObject({ prompt: 'a cat in ink', prompt2: 'a dog in ink' });
  await expect(ask(services, 'easel-admin style import', { file: bytes('x') }, admin)).rejects.toThrow(
    'This file cannot be read as styles: its first line is not name,prompt,negative_prompt.',
  );
});
