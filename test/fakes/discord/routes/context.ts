import type { CommandRegistry } from '../commands.ts';
import type { Interactions } from '../interactions.ts';
import type { World } from '../state.ts';

/** What the routes work on. */
export interface RouteContext {
  readonly world: World;
  readonly interactions: Interactions;
  readonly commands: CommandRegistry;
  /** `http://host:port`, for the addresses of attachments. */
  readonly base: () => string;
  readonly gatewayUrl: () => string;
  readonly shards: () => number;
  readonly identifyConcurrency: () => number;
}
