import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { UserError } from '../request.ts';
import { type Style, styleSchema } from '../settings.ts';
import { change } from './change.ts';

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
    const { options } = messagesFor(request.actor.locale);
    const parsed = styleSchema.safeParse({ name: name.toLowerCase(), prompt, ...(negative && { negative }) });
    if (!parsed.success)
      throw new UserError('invalid_option', options.invalid('name', `"${name}"`, styleSet.options.name));
    const style: Style = parsed.data;
    return change(
      request,
      services,
      ({ admin }) => admin.actions.style(style.name),
      (settings) => ({ ...settings, styles: [...settings.styles.filter((other) => other.name !== style.name), style] }),
    );
  },
});

export const styleRemove = defineCommand({
  name: 'easel-admin style remove',
  description: 'Remove a style of this guild',
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
          throw new UserError('not_listed', texts.notListed('style', name));
        }
        return { ...settings, styles };
      },
    );
  },
});
