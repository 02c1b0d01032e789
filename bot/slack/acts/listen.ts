import type { App } from '@slack/bolt';
import type { Logger } from 'pino';
import type { PlatformHost } from '../../platform.ts';
import type { Outbound } from '../answers/outbound.ts';
import type { SlackApi } from '../transport/api.ts';
import { listenForHome } from './home.ts';
import { listenForMessages } from './messages.ts';
import type { NameBook } from './names.ts';
import type { People } from './people.ts';
import { listenForPresses } from './presses.ts';
import { listenForReactions } from './reactions.ts';
import type { Requests } from './requests.ts';
import { listenForShortcuts } from './shortcuts.ts';
import { listenForCommands } from './slash-commands.ts';
import { listenForSubmissions } from './submissions.ts';

/** What the listeners need to turn Slack's events into requests. */
export interface Listening {
  readonly app: App;
  readonly host: PlatformHost;
  readonly api: SlackApi;
  readonly outbound: Outbound;
  readonly people: People;
  readonly names: NameBook;
  readonly requests: Requests;
  readonly botToken: string;
  readonly apiUrl: string | undefined;
  /** Of this installation: events of direct messages name no team. */
  readonly team: string;
  readonly botUser: string;
  readonly log: Logger;
}

/** Everything that people do in Slack, one file each. */
export function listen(listening: Listening): void {
  listenForCommands(listening);
  listenForPresses(listening);
  listenForSubmissions(listening);
  listenForShortcuts(listening);
  listenForReactions(listening);
  listenForMessages(listening);
  listenForHome(listening);
}
