import { defineCommand } from '../command.ts';
import { messagesFor } from '../locale/index.ts';
import type { Mention } from '../reply.ts';

const PAGE = 15;

export const audit = defineCommand({
  name: 'easel-admin audit',
  description: 'Show what admins changed, newest first',
  options: {
    target: {
      type: 'integer',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      description: 'Go on after the entry with this id',
    },
  },
  permission: 'admin',
  async run(request, { target }, services) {
    const messages = messagesFor(request.actor.locale);
    const { guild } = request.origin;
    const found = await services.settings.audit({
      guild,
      limit: PAGE + 1,
      ...(target === undefined ? {} : { before: String(target) }),
    });
    const shown = found.slice(0, PAGE);
    const lines = shown.map(
      ({ at, by, action }) => `${at.toISOString().slice(0, 16).replace('T', ' ')} ${by}: ${action}`,
    );
    const last = shown.at(-1);
    const older = { command: 'easel-admin audit', label: messages.buttons.older, style: 'secondary' } as const;
    return {
      kind: 'message',
      visibility: 'private',
      title: messages.admin.audit.title,
      text: lines.join('\n') || messages.admin.audit.empty,
      mentions: shown.flatMap(({ by, mentions }): readonly Mention[] => [{ kind: 'user', id: by }, ...mentions]),
      buttons: found.length > PAGE && last !== undefined ? [[{ ...older, target: last.id }]] : [],
    };
  },
});
