import { beforeEach, describe, expect, test } from 'vitest';
import { formatInfotext, parseInfotext } from '../../../commands/infotext.ts';
import type { Work } from '../../../commands/job.ts';
import { workRecipes } from '../../../commands/job.ts';
import { withPngTexts } from '../../../commands/png-text.ts';
import { defaultSettings } from '../../../commands/settings.ts';
import { ask, attachment } from '../ask.ts';
import { MemoryServices } from '../memory-services.ts';
import { onePixel } from '../one-pixel.ts';

let services: MemoryServices;
beforeEach(() => {
  services = new MemoryServices();
  services.known.wildcards = new Map([
    ['animal', ['cat', 'dog', 'fox', 'owl', '{red|blue} bird', 'horse']],
    ['nature/tree', ['an old __animal__ tree']],
    ['loop', ['__loop__ again']],
  ]);
  services.known.loras = [
    { name: 'ink', hash: '1a'.repeat(32), models: ['mini'] },
    { name: 'Film grain', hash: '2b'.repeat(32), models: ['mini'] },
    { name: 'big', hash: '3c'.repeat(32), models: ['sdxl'] },
    { name: 'wool', hash: '6f'.repeat(32), models: [], unread: 'DoRA' },
  ];
  services.known.embeddings = [
    { name: 'cosy', hash: '4d'.repeat(32), models: ['mini'] },
    { name: 'other', hash: '5e'.repeat(32), models: ['sdxl'] },
  ];
});

const imagine = async (prompt: string, options: Record<string, unknown> = {}): Promise<Work> => {
  await ask(services, 'imagine', { prompt, seed: 7, ...options });
  return services.lastWork();
};
const drawn = async (prompt: string, options: Record<string, unknown> = {}) =>
  workRecipes(await imagine(prompt, options)).map(({ prompt: text, seed }) => [text, seed]);

describe('what other programs write', () => {
  test('<lyco:> names a LoRA, and <hypernet:> is refused', async () => {
    const [recipe] = workRecipes(await imagine('a cat <lyco:ink:0.5>'));
    expect(recipe).toMatchObject({ prompt: 'a cat', loras: [{ name: 'ink', weight: 0.5 }] });
    await expect(imagine('a cat <hypernet:soft:1>')).rejects.toThrow('names a hypernetwork, which SDXL does not have');
  });

  test.each(['pt', 'safetensors', 'bin'])('an embedding’s name may end in .%s', async (ending) => {
    const [recipe] = workRecipes(await imagine(`a (embedding:Cosy.${ending}:1.2) cat`));
    expect(recipe).toMatchObject({ prompt: 'a (embedding:Cosy:1.2) cat', embeddings: [{ name: 'cosy' }] });
  });
});

describe('permutations', () => {
  test('are one request, and share the seeds of each', async () => {
    expect(await drawn('a {red|blue} car', { count: 2 })).toEqual([
      ['a red car', 7],
      ['a red car', 8],
      ['a blue car', 7],
      ['a blue car', 8],
    ]);
  });

  test('say how many they are, with the price', async () => {
    expect(await ask(services, 'imagine', { prompt: 'a {red|blue} car', count: 2 })).toMatchObject({
      text: expect.stringContaining(' · 4 pictures of 2 prompts · 2.5 compute seconds'),
    });
  });

  test('one that repeats a plain request is a plain request', async () => {
    expect(await imagine('a cat', { count: 3 })).not.toHaveProperty('variants');
  });

  test('go through the negative prompt and the style too', async () => {
    const recipes = workRecipes(await imagine('a {cat|dog}', { negative: '{day|night}', style: 'sketch' }));
    expect(recipes.map(({ prompt, negative }) => [prompt.slice(0, 24), negative?.slice(0, 5)])).toEqual([
      ['a pencil sketch of a cat', 'day, '],
      ['a pencil sketch of a cat', 'night'],
      ['a pencil sketch of a dog', 'day, '],
      ['a pencil sketch of a dog', 'night'],
    ]);
  });

  test('are refused before they are made where they are too many', async () => {
    await expect(imagine('{a|b|c|d}{a|b|c}', { count: 4 })).rejects.toThrow(
      'prompt: its braces give 12 prompts, 4 pictures each; at most 10 pictures are drawn at once.',
    );
    await expect(imagine('{a|b}'.repeat(700))).rejects.toThrow('at most 10 pictures');
  });

  test('every one of them is held against the rules', async () => {
    services.store.settings.set('guild', { ...defaultSettings, blocked: ['dog'] });
    await expect(imagine('a {cat|dog}')).rejects.toThrow('The prompt contains "dog"');
  });

  test('are drawn again with new seeds that they share, and each by itself from its own recipe', async () => {
    await imagine('a {red|blue} car', { count: 2 });
    const [first, , third] = services.finishLast();
    await ask(services, 'again', { target: first?.id });
    const again = workRecipes(services.lastWork());
    expect(again.map(({ prompt, seed }) => [prompt, seed])).toEqual([
      ['a red car', 1001],
      ['a red car', 1002],
      ['a blue car', 1001],
      ['a blue car', 1002],
    ]);
    await ask(services, 'reproduce', { target: third?.recipeId });
    expect(services.lastWork()).toMatchObject({ recipe: { prompt: 'a blue car', seed: 7 }, count: 1 });
  });

  test('escaped, they are text, and are so again in the form', async () => {
    expect(await drawn('a \\{red\\|blue\\} car, \\__init__')).toEqual([['a {red|blue} car, __init__', 7]]);
    const [picture] = services.finishLast();
    const form = await ask(services, 'edit', { target: picture?.id });
    const typed = form.kind === 'form' ? (form.fields[0]?.value ?? '') : '';
    expect(await drawn(typed, form.kind === 'form' ? form.hidden : {})).toEqual([['a {red|blue} car, __init__', 7]]);
  });
});

describe('wildcards', () => {
  test('are chosen by the seed of each picture, and the recipe holds the choice', async () => {
    const first = await drawn('a __animal__', { count: 4 });
    expect(await drawn('a __animal__', { count: 4 })).toEqual(first);
    expect(await drawn('a __animal__', { seed: 8 })).toEqual([first[1]]);
    expect(new Set(first.map(([text]) => text)).size).toBeGreaterThan(1);
    for (const [text] of first) expect(text).not.toMatch(/[_{}|]/);
  });

  test('lie in folders, nest, and stand in braces', async () => {
    expect((await drawn('__nature/tree__'))[0]?.[0]).toMatch(/^an old (\w+|\w+ bird) tree$/);
    const [one, two] = await drawn('{__animal__|a house}');
    expect(one?.[0]).toMatch(/^[a-z ]+$/);
    expect(two?.[0]).toBe('a house');
  });

  test('that are not there, or go on for ever, are refused', async () => {
    await expect(imagine('__animals__')).rejects.toThrow(
      'There is no wildcard file "animals" with lines in it; did you mean animal?',
    );
    await expect(imagine('__loop__')).rejects.toThrow('does a line of __loop__ name its own file?');
  });
});

describe('LoRAs', () => {
  test('come from tags and the option, with hashes, and leave the prompt', async () => {
    const { recipe } = await imagine('a cat <lora:ink:0.8>, <lora:INK:0.2>', { lora: 'film grain:-0.5' });
    expect(recipe).toMatchObject({
      prompt: 'a cat,',
      loras: [
        { name: 'Film grain', hash: '2b'.repeat(32), weight: -0.5 },
        { name: 'ink', hash: '1a'.repeat(32), weight: 1 },
      ],
    });
  });

  test('may differ between permutations', async () => {
    const recipes = workRecipes(await imagine('a cat {<lora:ink>|<lora:Film grain:2>|}'));
    expect(recipes.map(({ prompt, loras }) => [prompt, ...loras.map(({ name }) => name)])).toEqual([
      ['a cat', 'ink'],
      ['a cat', 'Film grain'],
      ['a cat'],
    ]);
  });

  test.each([
    ['<lora:inc>', 'There is no LoRA "inc" for this model; did you mean ink?'],
    ['<lora:zebra>', 'There is no LoRA "zebra" for this model; /extras lists the 2 that there are.'],
    [
      '<lora:wool>',
      'The LoRA wool is of the kind DoRA, which Easel does not draw with; it needs the file as a plain LoRA',
    ],
    ['<lora:big>', 'The LoRA big was made for another model than mini; choose model sdxl.'],
    ['<lora:ink:3><lora:ink:3>', 'lora: "ink:6" is not possible'],
  ])('%s is refused', async (prompt, message) => {
    await expect(imagine(prompt)).rejects.toThrow(message);
  });

  test('do not belong in the negative prompt', async () => {
    await expect(imagine('a cat', { negative: '<lora:ink:1>' })).rejects.toThrow(
      'negative: the LoRA ink belongs in the prompt',
    );
  });

  test('an admin says which', async () => {
    await ask(services, 'easel-admin allow lora', { lora: 'Film grain' }, { admin: true });
    await expect(imagine('a cat <lora:ink>')).rejects.toThrow(
      'The LoRA ink is not allowed here; there are: Film grain.',
    );
    expect((await imagine('a cat <lora:film grain>')).recipe.loras).toHaveLength(1);
    expect((await imagine('a cat', { lora: 'fil…in:0.5' })).recipe.loras).toMatchObject([{ name: 'Film grain' }]);
    await expect(ask(services, 'easel-admin allow lora', { lora: 'inc' }, { admin: true })).rejects.toThrow(
      'did you mean ink?',
    );
  });

  test('an edited picture keeps those that its prompt still names', async () => {
    await imagine('a cat', { lora: 'ink:0.5' });
    const [picture] = services.finishLast();
    const form = await ask(services, 'edit', { target: picture?.id });
    if (form.kind !== 'form') throw new Error('That is no form.');
    expect(form.fields[0]?.value).toBe('a cat <lora:ink:0.5>');
    expect((await imagine('a cat <lora:ink:0.5>', form.hidden)).recipe.loras).toEqual(picture?.recipe.loras);
    expect((await imagine('a cat', form.hidden)).recipe.loras).toEqual([]);
    expect((await imagine('a dog', { from: picture?.recipeId })).recipe.loras).toEqual(picture?.recipe.loras);
  });

  test('are known by their hash when a picture comes back', async () => {
    const { recipe } = await imagine('a cosy cat <lora:ink:0.5>');
    const parameters = formatInfotext(recipe);
    expect(parseInfotext(parameters)).toEqual(recipe);
    services.known.loras = [{ name: 'renamed', hash: '1a'.repeat(32), models: ['mini'] }];
    const picture = attachment(withPngTexts(onePixel, { parameters }));
    await ask(services, 'reproduce', { picture });
    expect(services.lastWork().recipe.loras).toEqual([{ ...recipe.loras[0], name: 'renamed' }]);
    services.known.loras = [];
    await expect(ask(services, 'reproduce', { picture })).rejects.toThrow('needs what is not served here: ink.');
  });
});

describe('embeddings', () => {
  test('that a prompt names are in the recipe, for the model that they fit', async () => {
    const { recipe } = await imagine('a Cosy cat, other', { negative: '(embedding:cosy:1.2)' });
    expect(recipe.embeddings).toEqual([{ name: 'cosy', hash: '4d'.repeat(32) }]);
    expect((await imagine('a cat')).recipe).not.toHaveProperty('embeddings');
    await expect(imagine('embedding:cozy cat')).rejects.toThrow(
      'There is no embedding "cozy" for this model; did you mean cosy?',
    );
  });
});

test('what may be named is listed, as far as it is allowed', async () => {
  services.store.settings.set('guild', { ...defaultSettings, allowedLoras: ['ink', 'big'] });
  expect(await ask(services, 'extras')).toMatchObject({
    fields: [
      { name: 'LoRAs: <lora:name:0.8>', value: 'ink (mini)\nbig (sdxl)' },
      { name: 'Embeddings: their name, or embedding:name', value: 'cosy (mini)\nother (sdxl)' },
      { name: 'Wildcards: __name__', value: 'animal\nnature/tree\nloop' },
    ],
  });
  services.known.wildcards = new Map(Array.from({ length: 200 }, (_, index) => [`words-${index}`, ['a']]));
  const long = await ask(services, 'extras');
  const file = long.kind === 'message' && long.file ? new TextDecoder().decode(long.file.bytes) : '';
  expect(file).toMatch(/^LoRAs: .*\nink \(mini\)\n.*\nwords-199\n$/s);
  expect(await ask(new MemoryServices(), 'extras')).toMatchObject({
    fields: [],
    text: 'There are no LoRAs, embeddings or wildcards here.',
  });
});

describe('a prompt for each text encoder', () => {
  test('is in the recipe, in its picture, and in the form', async () => {
    const { recipe } = await imagine('a cat', { prompt2: 'an oil painting', negative: 'dogs', negative2: 'photo' });
    expect(recipe).toMatchObject({ prompt: 'a cat', prompt2: 'an oil painting', negative: 'dogs', negative2: 'photo' });
    expect(parseInfotext(formatInfotext(recipe))).toEqual(recipe);
    const [picture] = services.finishLast();
    const form = await ask(services, 'edit', { target: picture?.id });
    const names = form.kind === 'form' ? form.fields.map(({ name }) => name) : [];
    expect(names).toEqual(['prompt', 'prompt2', 'negative', 'size', 'more']);
    expect((await imagine('a dog', { from: picture?.recipeId, prompt2: '' })).recipe).toMatchObject({
      negative2: 'photo',
    });
    expect((await imagine('a dog', { from: picture?.recipeId, prompt2: '' })).recipe).not.toHaveProperty('prompt2');
  });

  test('is held against the rules and hidden like the first', async () => {
    await expect(imagine('a cat', { prompt2: 'a nude cat' })).rejects.toThrow('restricted by age');
  });
});
