import type { Arithmetic } from './engine.ts';
import type { Work } from './job.ts';
import { messagesFor } from './locale/index.ts';
import { computedIn } from './needs.ts';
import type { AcceptedReply } from './reply.ts';
import type { CommandRequest } from './request.ts';
import type { Services } from './services.ts';
import { submit } from './submit.ts';

/**
 * Submits work whose picture is to come out as one that is there: it goes to a worker that computes the model as that one
 * did. Where there is none it is drawn all the same, and the answer says that it will differ.
 *
 * @param arithmetic what the earlier picture was computed in; null: not known
 */
export async function submitAlike(
  request: CommandRequest,
  services: Services,
  work: Extract<Work, { kind: 'draw' | 'refine' }>,
  arithmetic: Arithmetic | null,
  visibility: 'public' | 'private',
): Promise<AcceptedReply> {
  if (arithmetic === null) return submit(request, services, work, visibility);
  const offered = await services.extras.arithmetics();
  // Workers of an older version do not say what they compute in.
  if (offered.length === 0) return submit(request, services, work, visibility);
  if (offered.includes(computedIn(work.recipe.model.name, arithmetic))) {
    return submit(request, services, { ...work, arithmetic }, visibility);
  }
  const reply = await submit(request, services, work, visibility);
  const { computedOtherwise } = messagesFor(request.actor.locale).work;
  return { ...reply, text: `${reply.text}\n${computedOtherwise(arithmetic)}` };
}
