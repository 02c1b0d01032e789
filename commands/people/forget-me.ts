import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';

/** Deletes a person's rows and pictures, after a button was pressed. */
export const forgetMe = defineCommand({
  name: 'forget-me',
  description: 'Delete your pictures, prompts and defaults',
  options: {
    target: { type: 'string', maxLength: 3, choices: ['yes'], description: 'yes: do it now, without asking' },
  },
  permission: 'everyone',
  async run(request, options, services) {
    const { forget, buttons } = messagesFor(request.actor.locale);
    const { platform, user } = request.origin;
    if (options.target === undefined) {
      return {
        kind: 'message',
        visibility: 'private',
        tone: 'warning',
        text: forget.ask,
        buttons: [[{ command: 'forget-me', target: 'yes', label: buttons.forget, style: 'danger' }]],
      };
    }
    const { pictures, jobs } = await services.people.forget({ platform, user });
    return { kind: 'message', visibility: 'private', text: forget.done(pictures, jobs) };
  },
});
