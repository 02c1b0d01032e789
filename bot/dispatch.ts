import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import { findCommand } from '../commands/index.ts';
import { messagesFor } from '../commands/locale/index.ts';
import { parseOptions } from '../commands/parse-options.ts';
import type { MessageReply, Reply } from '../commands/reply.ts';
import { type CommandRequest, UserError } from '../commands/request.ts';
import type { Services } from '../commands/services.ts';
import type { Logger } from '../config/index.ts';
import { whyAway } from './away.ts';
import { inSpan } from './tracing/spans.ts';

/**
 * Runs the command that a request names. Never rejects: a refusal is a private line, and a fault of ours is logged under
 * an id that the person is told; where only a server is away, they are asked to try again. Whether somebody is an admin
 * is the platform's word in the request, checked here and nowhere else.
 */
export function dispatch(request: CommandRequest, services: Services, log: Logger): Promise<Reply> {
  const { platform, guild, event } = request.origin;
  const attributes = { 'easel.platform': platform, 'easel.guild': guild, 'easel.event': event };
  return inSpan(`/${request.command}`, { attributes, kind: SpanKind.SERVER }, () => run(request, services, log));
}

async function run(request: CommandRequest, services: Services, log: Logger): Promise<Reply> {
  const messages = messagesFor(request.actor.locale);
  try {
    const command = findCommand(request.command);
    if (command === undefined) throw new UserError('unknown_command', messages.unknownCommand(request.command, []));
    if (command.permission === 'admin' && !request.actor.admin) {
      throw new UserError('not_admin', messages.rules.adminsOnly);
    }
    const options = parseOptions(command.options, request.options, messages);
    return await command.run(request, options, services);
  } catch (error) {
    if (error instanceof UserError) return refusal(error.in(messages), 'warning');
    const id = randomUUID().slice(0, 8);
    const about = { error, id, command: request.command, event: request.origin.event };
    const away = whyAway(error);
    if (away !== null) {
      log.warn({ ...about, away }, 'a command failed, for a server is away');
      return refusal(messages.away[away], 'warning');
    }
    log.error(about, 'a command failed');
    return refusal(messages.fault(id), 'failure');
  }
}

function refusal(text: string, tone: 'warning' | 'failure'): MessageReply {
  return { kind: 'message', visibility: 'private', text, tone };
}
