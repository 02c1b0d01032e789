import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import { MAX_PROMPT_LENGTH } from '../parameters/prompts.ts';
import { findBlockedInPrompt } from '../rules.ts';
import { change, excluding, including } from './change.ts';

const entryOption = {
  type: 'string',
  required: true,
  minLength: 2,
  maxLength: 100,
  description: 'A word or phrase; * stands for any letters',
} as const;

export const blockAdd = defineCommand({
  name: 'easel-admin block add',
  description: 'Refuse prompts that contain a word or phrase',
  options: { entry: entryOption },
  permission: 'admin',
  run: (request, { entry }, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.blocked(entry),
      (settings) => ({ ...settings, blocked: including(settings.blocked, entry) }),
    ),
});

export const blockRemove = defineCommand({
  name: 'easel-admin block remove',
  description: 'Allow a blocked word or phrase again',
  options: { entry: entryOption },
  permission: 'admin',
  run: (request, { entry }, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.unblocked(entry),
      (settings) => ({ ...settings, blocked: excluding(settings.blocked, entry, 'blocked', request) }),
    ),
});

export const blockList = defineCommand({
  name: 'easel-admin block list',
  description: 'List what is blocked',
  options: {},
  permission: 'admin',
  async run(request, _options, services) {
    const { block } = messagesFor(request.actor.locale).admin;
    const { blocked } = await services.settings.of(request.origin.guild);
    return { kind: 'message', visibility: 'private', title: block.title, text: blocked.join('\n') || block.empty };
  },
});

export const blockTest = defineCommand({
  name: 'easel-admin block test',
  description: 'Try whether a prompt would be refused',
  options: {
    prompt: {
      type: 'string',
      required: true,
      maxLength: MAX_PROMPT_LENGTH,
      multiline: true,
      description: 'The prompt to try',
    },
    entry: { ...entryOption, required: false, description: 'Only against this word or phrase, blocked or not' },
  },
  permission: 'admin',
  async run(request, { prompt, entry }, services) {
    const { block } = messagesFor(request.actor.locale).admin;
    const entries = entry === undefined ? (await services.settings.of(request.origin.guild)).blocked : [entry];
    const found = findBlockedInPrompt(prompt, entries);
    return {
      kind: 'message',
      visibility: 'private',
      tone: found === null ? 'success' : 'warning',
      text: found === null ? block.free : block.matches(found),
    };
  },
});
