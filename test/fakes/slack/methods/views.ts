import { z } from 'zod';
import { viewSchema } from '../limits.ts';
import { ApiError, checkFiles, type Method, type MethodContext, parseArgs } from '../method.ts';
import type { Json, View } from '../state.ts';

/** A trigger opens one view, within three seconds of the press. */
const TRIGGER_MS = 3000;

/** Triggers that people's actions have made: when each was made, and by whom. */
export const triggers = new WeakMap<
  object,
  Map<string, { readonly at: number; readonly user: string; used: boolean }>
>();

export function triggersOf(
  workspace: object,
): Map<string, { readonly at: number; readonly user: string; used: boolean }> {
  const known = triggers.get(workspace) ?? new Map();
  triggers.set(workspace, known);
  return known;
}

function checkView(view: unknown, { workspace, clock }: MethodContext): Json {
  const parsed = viewSchema.safeParse(view);
  if (!parsed.success) {
    throw new ApiError('invalid_arguments', {
      response_metadata: {
        messages: parsed.error.issues.map(
          (issue) => `[ERROR] ${issue.message} [json-pointer:/view/${issue.path.join('/')}]`,
        ),
      },
    });
  }
  checkFiles(parsed.data.blocks, workspace, clock);
  return parsed.data;
}

export function viewJson(view: View, context: Pick<MethodContext, 'workspace'>): Json {
  return {
    ...view.body,
    id: view.id,
    hash: view.hash,
    team_id: context.workspace.team.id,
    app_id: context.workspace.appId,
    bot_id: context.workspace.botId,
    private_metadata: view.body.private_metadata ?? '',
    callback_id: view.body.callback_id ?? '',
  };
}

export const viewsMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    token: 'bot',
    scope: null,
    tier: 4,
    run(args, context) {
      const { workspace, clock } = context;
      const asked = parseArgs({ trigger_id: z.string(), view: z.unknown() }, args);
      const trigger = triggersOf(workspace).get(asked.trigger_id);
      if (!trigger) throw new ApiError('invalid_trigger_id');
      if (trigger.used) throw new ApiError('exchanged_trigger_id');
      if (clock.now() - trigger.at > TRIGGER_MS) throw new ApiError('expired_trigger_id');
      const view: View = {
        id: workspace.id('V'),
        user: trigger.user,
        hash: String(clock.now()),
        body: checkView(asked.view, context),
        open: true,
      };
      trigger.used = true;
      workspace.views.push(view);
      return { view: viewJson(view, context) };
    },
  },
  'views.update': {
    token: 'bot',
    scope: null,
    tier: 4,
    run(args, context) {
      const { workspace, clock } = context;
      const asked = parseArgs({ view_id: z.string(), hash: z.string().optional(), view: z.unknown() }, args);
      const view = workspace.views.find((candidate) => candidate.id === asked.view_id && candidate.open);
      if (!view) throw new ApiError('not_found');
      if (asked.hash !== undefined && asked.hash !== view.hash) throw new ApiError('hash_conflict');
      view.body = checkView(asked.view, context);
      view.hash = String(clock.now());
      return { view: viewJson(view, context) };
    },
  },
  'views.publish': {
    token: 'bot',
    scope: null,
    tier: 4,
    run(args, context) {
      const { workspace } = context;
      const asked = parseArgs({ user_id: z.string(), view: z.unknown() }, args);
      if (!workspace.users.has(asked.user_id)) throw new ApiError('user_not_found');
      const view = checkView(asked.view, context);
      if (view.type !== 'home') throw new ApiError('invalid_arguments');
      workspace.homes.set(asked.user_id, view);
      return { view: { ...view, id: workspace.id('V') } };
    },
  },
};
