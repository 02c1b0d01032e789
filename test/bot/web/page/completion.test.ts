import { describe, expect, it } from 'vitest';
import { applySuggestion, commandOf, complete } from '../../../../bot/web/page/completion.js';

const commands = [
  {
    name: 'imagine',
    description: 'Draw a picture',
    options: {
      prompt: { type: 'string', description: 'What to draw', maxLength: 4000 },
      seed: { type: 'integer', description: 'Same seed, same picture', min: 0, max: 100, autocomplete: 'seed' },
      steps: { type: 'integer', description: 'How many steps', min: 1, max: 50 },
      mood: { type: 'string', description: 'How it feels', maxLength: 9, choices: ['calm', 'cold', 'warm'] },
      lora: { type: 'string', description: 'LoRAs', maxLength: 99, autocomplete: 'lora' },
      private: { type: 'boolean', description: 'Only you see it' },
      picture: { type: 'attachment', description: 'The start' },
    },
  },
  { name: 'history', description: 'Your pictures', options: {} },
  { name: 'easel-admin quota set', description: 'Set a quota', options: {} },
] as const;

/** What is offered where the caret (|) stands. */
function offered(line: string) {
  const caret = line.indexOf('|');
  return complete(commands, line.replace('|', ''), caret);
}

const labels = (line: string) => offered(line).suggestions.map(({ label }) => label);

describe('complete', () => {
  it('offers commands by their beginning', () => {
    expect(labels('/|')).toEqual(['/imagine', '/history', '/easel-admin quota set']);
    expect(labels('/hi|')).toEqual(['/history']);
    expect(labels('/imagine|')).toEqual(['/imagine']);
    expect(labels('/easel-admin quota s|')).toEqual(['/easel-admin quota set']);
    expect(labels('/zzz|')).toEqual([]);
  });

  it('asks for the names of LoRAs in the middle of a prompt, and ends their tags', () => {
    const { from, ask, hint } = offered('a cat <lora:wa|, snow');
    expect([from, ask?.option, ask?.typed, hint]).toEqual([12, 'lora', 'wa', '--lora: LoRAs']);
    expect(ask?.insert('watercolour')).toBe('watercolour:1>');
    expect(offered('/imagine a cat --lora wa|').ask?.insert('film grain')).toBe('"film grain" ');
    expect(offered('a cat <lora:ink:0.5|').ask).toBeNull();
    expect(offered('/history <lora:i|').ask).toBeNull();
  });

  it('offers options that are not given yet, but no files: those are attached', () => {
    expect(labels('/imagine a cat --|')).toEqual(['--seed', '--steps', '--mood', '--lora', '--private']);
    expect(labels('/imagine a cat --s|')).toEqual(['--seed', '--steps']);
    expect(labels('/imagine a cat --seed 7 --s|')).toEqual(['--steps']);
    expect(labels('/imagine a --s| cat --steps 5')).toEqual(['--seed']);
  });

  it('takes a line without a command for a prompt', () => {
    expect(labels('a cat in the snow --st|')).toEqual(['--steps']);
    expect(labels('a cat in the snow|')).toEqual([]);
  });

  it('offers values, says what an option is, and where the server knows more', () => {
    expect(labels('/imagine --mood c|')).toEqual(['calm', 'cold']);
    expect(labels('/imagine --private |')).toEqual(['on', 'off']);
    expect(offered('/imagine --steps |').hint).toBe('--steps (1 to 50): How many steps');
    expect(offered('/imagine --seed 4|').ask).toMatchObject({ command: 'imagine', option: 'seed', typed: '4' });
    expect(offered('/imagine --steps 4|').ask).toBeNull();
    expect(labels('/imagine --nonsense |')).toEqual([]);
  });

  it('puts a choice where it belongs', () => {
    const line = '/imagine a --st| cat';
    const text = line.replace('|', '');
    const chosen = applySuggestion(text, offered(line), '--steps ');
    expect(chosen).toEqual({ text: '/imagine a --steps cat', caret: '/imagine a --steps '.length });
  });
});

describe('commandOf', () => {
  it('finds the longest name that the line begins with', () => {
    expect(commandOf(commands, '/imagine a cat')?.name).toBe('imagine');
    expect(commandOf(commands, '/easel-admin quota set 5')?.name).toBe('easel-admin quota set');
    expect(commandOf(commands, 'a cat')?.name).toBe('imagine');
    expect(commandOf(commands, '/imaginehouse')).toBeNull();
  });
});
