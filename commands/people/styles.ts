import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { stylesOf } from '../styles.ts';

/** The styles that may be asked for here, with what they put around the prompt. */
export const styles = defineCommand({
  name: 'styles',
  description: 'List the styles',
  options: {},
  permission: 'everyone',
  async run(request, _options, services) {
    const { styles: texts } = messagesFor(request.actor.locale);
    const known = stylesOf(await services.settings.of(request.origin.guild));
    return {
      kind: 'message',
      visibility: 'private',
      title: texts.title,
      text: known.length === 0 ? texts.empty : known.map(({ name, prompt }) => `${name}: ${prompt}`).join('\n'),
    };
  },
});
