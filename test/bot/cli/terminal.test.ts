import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { forTerminal, hideOnTerminal, print, printJson } from '../../../bot/cli/terminal.ts';
import { redactor } from '../../../config/index.ts';

/** Title, clipboard, colours, a screen that is cleared, 8-bit controls, a bell, and words from right to left. */
const HOSTILE = 'nice\u001b]0;owned\u0007\u001b]52;c;cm0gLXJmIH4=\u0007\u001b[2J\u001b[31m\u009b31m\u0090\r\u202eevil';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

afterEach(() => vi.restoreAllMocks());

it('leaves nothing in a text that a terminal obeys, and the words as they are', () => {
  expect(forTerminal(`a\tb\n${HOSTILE}`)).not.toMatch(STEERING);
  expect(forTerminal('a\tb — ü 日本 👨‍👩‍👧\n')).toBe('a\tb — ü 日本 👨‍👩‍👧\n');
});

it('prints JSON of the same value that steers no terminal either', () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  printJson({ [HOSTILE]: HOSTILE });
  const [json = ''] = written;
  expect(json).not.toMatch(STEERING);
  expect(JSON.parse(json)).toEqual({ [HOSTILE]: HOSTILE });
});

it('shows no secret of the configuration and no password of any address', () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  hideOnTerminal(redactor(['my-own-token']));
  print('my-own-token at https://ann:pw@host/path and redis://:pw@cache\n');
  hideOnTerminal((text) => text);
  expect(written).toEqual(['[secret] at https://ann:[secret]@host/path and redis://:[secret]@cache\n']);
});

it('is the only way to a terminal', () => {
  const sources = ['bot', 'config', 'commands'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(folder, path)),
  );
  const writers = sources.filter((path) => /std(?:out|err)\.write\(|console\.\w+\(/.test(readFileSync(path, 'utf8')));
  // A line of progress holds numbers and our own words.
  expect(writers.filter((path) => !path.endsWith('progress-display.ts'))).toEqual(['bot/cli/terminal.ts']);
});
