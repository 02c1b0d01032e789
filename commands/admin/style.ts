import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import { UserError } from '../request.ts';
import { MAX_STYLES, type Style, styleSchema } from '../settings.ts';
import { bundledStyles } from '../styles.ts';
import { change } from './change.ts';
import { readStyles } from './read-styles.ts';

export const styleSet = defineCommand({
  name: 'easel-admin style set',
  description: 'Add a style, or replace one',
  options: {
    name: { type: 'string', required: true, maxLength: 32, description: 'Lower-case letters, digits and hyphens' },
    prompt: {
      type: 'string',
      required: true,
      maxLength: 1000,
      multiline: true,
      description: 'The prompt; {prompt} is where the member’s words go',
    },
    negative: { type: 'string', maxLength: 1000, multiline: true, description: 'What it keeps out of the picture' },
  },
  permission: 'admin',
  run(request, { name, prompt, negative }, services) {
    const { admin: texts } = messagesFor(request.actor.locale);
    const parsed = styleSchema.safeParse({ name: name.toLowerCase(), prompt, ...(negative && { negative }) });
    // All but the form of the name has been parsed with the options.
    if (!parsed.success) throw new UserError('invalid_option', texts.styleName(name));
    const style: Style = parsed.data;
    return change(
      request,
      services,
      ({ admin }) => admin.actions.style(style.name),
      (settings) => ({ ...settings, styles: [...settings.styles.filter((other) => other.name !== style.name), style] }),
    );
  },
});

/** Bytes; the longest list that the settings allow fits. */
const MAX_FILE = 2_000_000;

export const styleImport = defineCommand({
  name: 'easel-admin style import',
  description: 'Add the styles of a file, CSV (name,prompt,negative_prompt) or JSON, in place of those so named',
  options: { file: { type: 'attachment', required: true, description: 'The file, such as styles.csv' } },
  permission: 'admin',
  async run(request, { file }, services) {
    const { admin: texts } = messagesFor(request.actor.locale);
    const bytes = await services.blobs.receive(file, request.origin);
    if (bytes.length > MAX_FILE) throw new UserError('too_large', texts.file.tooLarge);
    const styles = readFile(bytes, texts.file);
    const names = new Set(styles.map(({ name }) => name));
    return change(
      request,
      services,
      ({ admin }) => admin.actions.stylesImported([...names]),
      (settings) => {
        const merged = [...settings.styles.filter(({ name }) => !names.has(name)), ...styles];
        if (merged.length > MAX_STYLES) {
          throw new UserError('too_many', texts.file.tooManyStyles(merged.length, MAX_STYLES));
        }
        return { ...settings, styles: merged };
      },
    );
  },
});

function readFile(bytes: Uint8Array, texts: Messages['admin']['file']): readonly Style[] {
  let problem = texts.empty;
  try {
    const styles = readStyles(new TextDecoder('utf-8', { fatal: true }).decode(bytes), texts);
    if (styles.length > 0) return styles;
  } catch (error) {
    problem = error instanceof SyntaxError ? error.message : texts.notText;
  }
  throw new UserError('invalid_file', texts.noStyles(problem));
}

export const styleRemove = defineCommand({
  name: 'easel-admin style remove',
  description: 'Remove a style of this place',
  options: {
    name: { type: 'string', required: true, maxLength: 32, autocomplete: 'style', description: 'The style' },
  },
  permission: 'admin',
  run(request, { name }, services) {
    const { admin: texts } = messagesFor(request.actor.locale);
    return change(
      request,
      services,
      ({ admin }) => admin.actions.styleRemoved(name),
      (settings) => {
        const styles = settings.styles.filter((style) => style.name !== name);
        if (styles.length === settings.styles.length) {
          const isBundled = bundledStyles.some((style) => style.name === name);
          throw new UserError('not_listed', isBundled ? texts.bundledStyle(name) : texts.notListed('style', name));
        }
        return { ...settings, styles };
      },
    );
  },
});
