import { SpanKind } from '@opentelemetry/api';
import { findCommand } from '../commands/index.ts';
import { messagesFor } from '../commands/locale/index.ts';
import { parseOptions } from '../commands/parse-options.ts';
import type { MessageReply, Reply } from '../commands/reply.ts';
import { type CommandRequest, requestIdOf, UserError } from '../commands/request.ts';
import type { Services } from '../commands/services.ts';
import type { Logger } from '../config/index.ts';
import { whyAway } from './away.ts';
import { inRequest } from './tracing/request-scope.ts';
import { inSpan } from './tracing/spans.ts';

/** What a person may do with what is theirs, wherever they are. */
const ALWAYS_SERVED: ReadonlySet<string> = new Set(['help', 'history', 'show', 'delete', 'cancel', 'forget-me']);

/**
 * Runs the command that a request names. Never rejects: a refusal is a private line, and of a fault of ours the
 * person is told the request's id, for the log has it; where only a server is away, they are asked to try again. Whether
 * somebody is an admin is the platform's word in the request, checked here and nowhere else. `isServed` says whether the
 * operator lets Easel draw in this place.
 */
export function dispatch(
  request: CommandRequest,
  services: Services,
  log: Logger,
  isServed: (request: CommandRequest) => boolean = () => true,
): Promise<Reply> {
  const { origin, command, message } = request;
  const { platform, guild, event } = origin;
  const attributes = {
    ...{ 'easel.platform': platform, 'easel.guild': guild, 'easel.event': event },
    'easel.request': requestIdOf(origin),
  };
  return inRequest(origin, () =>
    inSpan(`/${command}`, { attributes, kind: SpanKind.SERVER }, () => {
      // A message that was pressed or reacted to leads to the request that it answered.
      log.info({ platform, guild, event, command, message: message?.id }, 'received');
      return run(request, services, log, isServed);
    }),
  );
}

async function run(
  request: CommandRequest,
  services: Services,
  log: Logger,
  isServed: (request: CommandRequest) => boolean,
): Promise<Reply> {
  const messages = messagesFor(request.actor.locale);
  try {
    const command = findCommand(request.command);
    if (command === undefined) throw new UserError('unknown_command', messages.unknownCommand(request.command, []));
    if (command.permission === 'admin' && !request.actor.admin) {
      throw new UserError('not_admin', messages.rules.adminsOnly);
    }
    if (!isServed(request) && !ALWAYS_SERVED.has(command.name)) {
      throw new UserError('not_direct', messages.rules.notDirect);
    }
    const options = parseOptions(command.options, request.options, messages);
    return await command.run(request, options, services);
  } catch (error) {
    if (error instanceof UserError) {
      log.info({ code: error.code }, 'refused');
      return { ...refusal(error.in(messages), 'warning'), mentions: error.mentions };
    }
    const away = whyAway(error);
    if (away !== null) {
      log.warn({ error, away }, 'a command failed, for a server is away');
      return refusal(messages.away[away], 'warning');
    }
    log.error({ error }, 'a command failed');
    return refusal(messages.fault(requestIdOf(request.origin)), 'failure');
  }
}

function refusal(text: string, tone: 'warning' | 'failure'): MessageReply {
  return { kind: 'message', visibility: 'private', text, tone };
}
