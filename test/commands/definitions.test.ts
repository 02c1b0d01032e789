import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { deDescriptions } from '../../commands/locale/de-descriptions.ts';
import { translations } from '../../commands/locale/index.ts';
import { parameters } from '../../commands/parameters/index.ts';
import { recipeSchema } from '../../commands/recipe.ts';
import { defaultable } from '../../commands/settings.ts';

/** Discord's limits on application commands; Slack's are wider. */
const NAME = /^[-_\p{Ll}\p{N}]{1,32}$/u;

/** With each parameter that there is. */
const full = recipeSchema.parse({
  ...{ prompt: 'a', prompt2: 'b', negative: 'c', negative2: 'd', width: 256, height: 256, steps: 9, guidance: 5 },
  ...{ guidanceRescale: 0.5, sampler: 'euler', seed: 7, refine: 0.8, deepEvery: 3, model: { name: 'm', hash: 'a' } },
  ...{
    loras: [],
    embeddings: [],
    init: { picture: 'ab'.repeat(32), strength: 0.5 },
    feather: 3,
    mask: 'ab'.repeat(32),
  },
  ...{ upscale: { factor: 2, method: 'x', detail: 0.3 }, parent: { recipe: '0123456789', by: 'vary' } },
});

describe('every definition fits the platforms', () => {
  test('names are unique', () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });

  test.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
    const path = name.split(' ');
    expect(path.length).toBeLessThanOrEqual(3);
    for (const part of path) expect(part).toMatch(NAME);
    expect(command.description.length).toBeGreaterThanOrEqual(1);
    expect(command.description.length).toBeLessThanOrEqual(100);
    const options = Object.entries(command.options);
    expect(options.length).toBeLessThanOrEqual(25);
    const required = options.map(([, option]) => option.required === true);
    expect(required, 'required options come first').toEqual([...required].sort().reverse());
    for (const [optionName, option] of options) {
      expect(optionName).toMatch(NAME);
      expect(option.description.length, optionName).toBeLessThanOrEqual(100);
      if (option.type === 'string') {
        expect(option.maxLength).toBeLessThanOrEqual(6000);
        expect(option.choices?.length ?? 0).toBeLessThanOrEqual(25);
        for (const choice of option.choices ?? []) expect(choice.length).toBeLessThanOrEqual(100);
        expect(option.choices !== undefined && option.autocomplete !== undefined, 'choices or suggestions').toBe(false);
      }
      if (option.type === 'integer' || option.type === 'number') {
        expect(Math.abs(option.min)).toBeLessThanOrEqual(2 ** 53);
        expect(Math.abs(option.max)).toBeLessThanOrEqual(2 ** 53);
        expect(option.min).toBeLessThan(option.max);
      }
    }
  });

  test('the words of one top-level command stay below 8,000 characters, with 25 groups and subcommands at most', () => {
    const lengths = new Map<string, number>();
    const children = new Map<string, Set<string>>();
    for (const command of commands) {
      const [top = '', group, sub] = command.name.split(' ');
      const words = [command.name, command.description];
      for (const [name, option] of Object.entries(command.options)) {
        words.push(name, option.description, ...('choices' in option ? (option.choices ?? []) : []));
      }
      lengths.set(top, (lengths.get(top) ?? 0) + words.join('').length);
      if (group !== undefined) children.set(top, (children.get(top) ?? new Set()).add(group));
      if (sub !== undefined) children.set(`${top} ${group}`, (children.get(`${top} ${group}`) ?? new Set()).add(sub));
    }
    for (const [top, length] of lengths) expect(length, top).toBeLessThan(8000);
    for (const [parent, names] of children) expect(names.size, parent).toBeLessThanOrEqual(25);
    const tops = new Set(commands.map(({ name }) => name.split(' ')[0]));
    expect(tops.size).toBeLessThanOrEqual(100);
    for (const name of tops) {
      const hasChildren = children.has(name ?? '');
      expect(hasChildren && commands.some((command) => command.name === name), 'a command or a parent, not both').toBe(
        false,
      );
    }
  });

  test.each([...translations])(
    'every description and label is said in %s, within Discord’s limits, and none is left over',
    (_, messages) => {
      const { describe } = messages;
      const said = new Set(
        commands.flatMap(({ description, options }) => [
          description,
          ...Object.values(options).map((option) => option.description),
        ]),
      );
      const missing = [...said].filter((english) => describe(english) === english);
      expect(missing).toEqual([]);
      const labels = [
        'Recipe',
        ...parameters.flatMap((parameter) => (parameter.describe?.(full, messages) ?? []).map(([label]) => label)),
        ...Object.values(defaultable).map(({ label }) => label),
      ];
      expect(labels.filter((english) => !Object.hasOwn(deDescriptions, english))).toEqual([]);
      for (const label of labels) said.add(label);
      expect([...said].filter((english) => describe(english).length > 100)).toEqual([]);
      expect(Object.keys(deDescriptions).filter((english) => !said.has(english))).toEqual([]);
    },
  );

  test('a reaction stands for one command', () => {
    const reactions = commands.flatMap(({ onPicture }) => onPicture?.reactions ?? []);
    expect(new Set(reactions).size).toBe(reactions.length);
    expect(reactions).toEqual(expect.arrayContaining(['sparkles', 'mag', 'repeat', 'x', 'envelope']));
  });

  test('whatever is offered on a picture takes the picture as its target', () => {
    for (const { name, options, onPicture } of commands) {
      if (onPicture !== undefined) expect(Object.keys(options), name).toContain('target');
    }
  });
});
