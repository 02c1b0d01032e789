import { setTimeout as sleep } from 'node:timers/promises';
import {
  type APIApplicationCommandOptionChoice,
  ApplicationCommandOptionType,
  type AutocompleteInteraction,
  type BaseInteraction,
  type Client,
  InteractionResponseType,
} from 'discord.js';
import type { Logger } from 'pino';
import { type CommandRequest, requestIdOf } from '../../../commands/request.ts';
import type { PlatformHost } from '../../platform.ts';
import { inRequest } from '../../tracing/request-scope.ts';
import { type Answering, Answers, type Deferral } from '../answers/answers.ts';
import type { Placeholders } from '../answers/placeholders.ts';
import { replyToSchema } from '../answers/reply-to.ts';
import { phrasesFor } from '../phrases.ts';
import { plainText } from '../render/text.ts';
import type { DiscordApi } from '../transport/api.ts';
import { DiscordError, isContentRefused } from '../transport/discord-error.ts';
import type { Locales } from './locales.ts';
import { Reader } from './readable.ts';
import { eventOf, localeOf, requestOf, slashWish, type Wish } from './requests.ts';
import { wishOf } from './wishes.ts';

/**
 * How long the answer itself may take to be the acknowledgement. Discord waits 3 s for that; a press is given more of them
 * than a slash command, for it may open a form, which cannot be put off.
 */
const PATIENCE_MS = { command: 800, press: 1800 };
/** With more than this in hand, an answer that is not there yet will not be there soon: it is put off at once. */
const BUSY = 8;
const MAX_CHOICES = 25;
const MAX_CHOICE_NAME = 100;
const MAX_CHOICE_VALUE = 100;

interface InteractionsOptions {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly host: PlatformHost;
  readonly placeholders: Placeholders;
  readonly locales: Locales;
  readonly apiUrl: string | undefined;
  readonly log: Logger;
  readonly now: () => number;
}

/** Takes interactions to the host and its replies back, in time. */
export class Interactions {
  private readonly options: InteractionsOptions;
  private readonly answers: Answers;
  private readonly reader: Reader;
  private inHand = 0;

  constructor(options: InteractionsOptions) {
    this.options = options;
    this.answers = new Answers(options);
    this.reader = new Reader({ ...options, commands: options.host.commands });
  }

  /** Resolves when the interaction is answered, or cannot be. */
  take(interaction: BaseInteraction): Promise<void> {
    return inRequest({ platform: 'discord', event: eventOf(interaction) }, () => this.answerOrTell(interaction));
  }

  private async answerOrTell(interaction: BaseInteraction): Promise<void> {
    const { log } = this.options;
    this.inHand++;
    try {
      if (interaction.isAutocomplete()) await this.suggest(interaction);
      else await this.perform(interaction);
    } catch (error) {
      // A late or repeated answer is refused, and nothing is left to do: deliveries find another way.
      const level = error instanceof DiscordError ? 'warn' : 'error';
      log[level]({ error, interaction: interaction.id }, 'An interaction could not be answered');
    } finally {
      this.inHand--;
    }
  }

  private async perform(interaction: BaseInteraction): Promise<void> {
    const { host, placeholders, locales, apiUrl, now } = this.options;
    locales.set(interaction.user.id, localeOf(interaction));
    const wish = wishOf(interaction, host.commands, apiUrl);
    const request = requestOf(interaction, wish ?? { command: 'unknown', options: {}, message: null }, now());
    const answering = this.answering(interaction, request, wish?.inPlace ?? false);
    if (wish === null) {
      const text = phrasesFor(request.actor.locale).unknownButton;
      await this.answers.show(answering, { kind: 'message', visibility: 'private', tone: 'warning', text });
      return;
    }
    const settle = placeholders.expect(request.origin.event);
    try {
      settle(await this.answer(answering, request, this.patience(interaction)));
    } finally {
      settle(null);
    }
  }

  private async answer(answering: Answering, request: CommandRequest, patience: number) {
    const { host, log } = this.options;
    const reply = this.reader.read(request).then((read) => host.dispatch(read));
    const waiting = new AbortController();
    const late = sleep(patience, 'late' as const, { signal: waiting.signal }).catch(() => 'late' as const);
    const first = await Promise.race([reply, late]);
    waiting.abort();
    if (first === 'late') await this.answers.defer(answering, this.deferral(answering, request));
    try {
      return await this.answers.show(answering, await reply);
    } catch (error) {
      const isRefused = isContentRefused(error);
      if (error instanceof DiscordError && !isRefused) throw error;
      // Whoever asked should at least hear of it.
      log[isRefused ? 'warn' : 'error']({ error, command: request.command }, 'A reply could not be shown');
      const phrases = phrasesFor(request.actor.locale);
      const text = isRefused ? phrases.answerRefused : phrases.fault(requestIdOf(request.origin));
      return this.answers.show(answering, { kind: 'message', visibility: 'private', tone: 'failure', text });
    }
  }

  /** Milliseconds. A press keeps its time in any rush, for a form that comes late cannot be opened at all. */
  private patience(interaction: BaseInteraction): number {
    if (!interaction.isCommand()) return PATIENCE_MS.press;
    return this.inHand > BUSY ? 0 : PATIENCE_MS.command;
  }

  /** How to put an answer off whose visibility is not known yet: hidden where it will probably be. */
  private deferral({ pressed }: Answering, { command, options }: CommandRequest): Deferral {
    if (pressed?.inPlace === true) return 'in place';
    const definition = this.options.host.commands.find(({ name }) => name === command);
    return options.private === true || definition?.permission === 'admin' ? 'private' : 'public';
  }

  private answering(interaction: BaseInteraction, request: CommandRequest, inPlace: boolean): Answering {
    const replyTo = replyToSchema.parse(request.replyTo);
    const { interaction: handle } = replyTo;
    if (handle === null) throw new Error('An interaction has a token.');
    const pressed = interaction.isButton() ? interaction.message : null;
    return {
      id: interaction.id,
      replyTo,
      handle,
      command: request.command,
      pressed: pressed === null ? null : { channel: pressed.channelId, id: pressed.id, inPlace },
      deferred: null,
    };
  }

  private async suggest(interaction: AutocompleteInteraction): Promise<void> {
    const { api, host, apiUrl, now } = this.options;
    const focused = interaction.options.getFocused(true);
    const { command, options } = slashWish(interaction.commandName, interaction.options.data, apiUrl);
    const wish: Wish = { command, options, message: null };
    const found = await host.suggest(requestOf(interaction, wish, now()), focused.name, String(focused.value));
    const isNumber = focused.type === ApplicationCommandOptionType.Integer;
    const choices = found
      .map(({ name, value }): APIApplicationCommandOptionChoice => {
        return { name: plainText(name, MAX_CHOICE_NAME), value: isNumber ? Number(value) : value };
      })
      .filter(({ value }) => (typeof value === 'number' ? Number.isFinite(value) : value.length <= MAX_CHOICE_VALUE));
    await api.answer(interaction.id, interaction.token, {
      type: InteractionResponseType.ApplicationCommandAutocompleteResult,
      data: { choices: choices.slice(0, MAX_CHOICES) },
    });
  }
}
