import { type Client, Events } from 'discord.js';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { JobProgress } from '../../commands/job.ts';
import type { DiscordConfig } from '../../config/index.ts';
import { Newest } from '../newest.ts';
import type { DeliveredMessage, OutgoingDelivery, Platform, PlatformHost } from '../platform.ts';
import { within } from '../within.ts';
import { Interactions } from './acts/interactions.ts';
import { Locales } from './acts/locales.ts';
import { Reactions } from './acts/reactions.ts';
import { Deliveries } from './answers/delivery.ts';
import { laneOf } from './answers/lanes.ts';
import { LastWords, type Reached } from './answers/last-words.ts';
import { Placeholders } from './answers/placeholders.ts';
import { ProgressEdits } from './answers/progress.ts';
import { followUpId, isAlive, replyToSchema } from './answers/reply-to.ts';
import { retryAnswer } from './answers/retry.ts';
import { phrasesFor } from './phrases.ts';
import { renderLastWords, renderProgress } from './render/message.ts';
import { inviteLink, missingPermissions } from './setup/permissions.ts';
import { registerCommands } from './setup/register.ts';
import { DiscordApi } from './transport/api.ts';
import { closeHelp, connect, createClient, DiscordConnectionError } from './transport/connect.ts';
import { unlessGone } from './transport/discord-error.ts';
import { InHand } from './transport/in-hand.ts';
import { nameChannel } from './transport/name-channel.ts';

export interface DiscordPlatformOptions {
  readonly config: DiscordConfig;
  readonly log: Logger;
  readonly now?: () => number;
  /** How long Discord may take to answer a call. */
  readonly timeoutMs?: number;
}

export function createDiscordPlatform(options: DiscordPlatformOptions): DiscordPlatform {
  return new DiscordPlatform(options);
}

const REMEMBERED_TOKENS = 1_000;
/** A shorter rate limit is ordinary. */
const LONG_WAIT_MS = 10_000;
/** Discord answers a closing in far less. */
const DISCONNECT_MS = 2_000;

const reactionPacketSchema = z.object({ t: z.literal('MESSAGE_REACTION_ADD'), d: z.unknown() });

/** Discord: events over its gateway by discord.js, answers and deliveries over its REST API. */
export class DiscordPlatform implements Platform {
  readonly id = 'discord';
  private readonly config: DiscordConfig;
  private readonly log: Logger;
  private readonly now: () => number;
  private readonly api: DiscordApi;
  private readonly client: Client;
  private readonly placeholders = new Placeholders();
  private readonly edits = new ProgressEdits();
  private readonly inHand = new InHand();
  private readonly deadTokens = new Newest<string, true>(REMEMBERED_TOKENS);
  private readonly deliveries: Deliveries;
  private readonly lastWords: LastWords;
  private readonly ending = new AbortController();
  private stopped: Promise<void> | undefined;

  constructor({ config, log, now = Date.now, timeoutMs }: DiscordPlatformOptions) {
    this.config = config;
    this.log = log;
    this.now = now;
    this.api = new DiscordApi({ ...config, timeoutMs });
    this.client = createClient(config.apiUrl, this.ending.signal);
    const { api, placeholders, edits } = this;
    this.lastWords = new LastWords(now, (reached) => this.sayLastWords(reached));
    this.deliveries = new Deliveries({ api, placeholders, edits, log, now });
  }

  async start(host: PlatformHost): Promise<void> {
    const { client, log, config } = this;
    client.on(Events.ShardError, (error, shard) => log.warn({ error, shard }, 'A connection to Discord broke'));
    client.on(Events.ShardReconnecting, (shard) => {
      // It says so of a connection that it closes for good, too.
      if (!this.ending.signal.aborted) log.info({ shard }, 'Reconnecting to Discord');
    });
    client.on(Events.ShardResume, (shard, replayed) => log.info({ shard, replayed }, 'Connected to Discord again'));
    client.rest.on('rateLimited', ({ retryAfter, route }) => {
      if (retryAfter < LONG_WAIT_MS) return;
      log.warn({ route, retryAfter }, `Discord lets Easel wait for ${Math.round(retryAfter / 1000)} s`);
    });
    client.on(Events.Error, (error) => log.error({ error }, 'An event of Discord could not be handled'));
    this.listen(host);
    await connect(client, config.token);
    const application = await this.checkApplication();
    client.on(Events.ShardDisconnect, ({ code }) => {
      log.fatal({ code }, closeHelp(code));
      host.giveUp(new DiscordConnectionError(closeHelp(code)));
    });
    if (client.guilds.cache.size === 0) {
      log.warn(`Easel is in no server of Discord yet; invite it by ${inviteLink(application)}`);
    }
    for (const guild of client.guilds.cache.values()) this.checkGuild(application, guild.id);
    client.on(Events.GuildCreate, (guild) => this.checkGuild(application, guild.id));
    await this.register(application, host);
  }

  stop(): Promise<void> {
    this.stopped ??= this.finish();
    return this.stopped;
  }

  async progress(
    replyTo: unknown,
    progress: JobProgress,
    isWanted: () => Promise<boolean> = async () => true,
  ): Promise<void> {
    const known = replyToSchema.safeParse(replyTo);
    if (!known.success) return;
    const { interaction, locale } = known.data;
    const placeholder = await this.placeholders.of(known.data);
    const { lane, message } = laneOf(known.data, placeholder);
    if (progress.state === 'finished') {
      this.lastWords.forget(known.data);
      return this.edits.close(lane, message);
    }
    this.lastWords.watch(known.data, placeholder, isWanted);
    const phrases = phrasesFor(locale);
    const preview = progress.state === 'running' ? progress.preview : undefined;
    this.edits.offer(lane, message, async (previewIsDue) => {
      if (!(await isWanted())) return;
      const edit = renderProgress(progress, phrases, preview !== undefined && previewIsDue() ? preview : undefined);
      // A placeholder that has vanished is no error.
      if (isAlive(interaction, this.now()) && this.lastWords.isSaid(known.data)) return;
      if (isAlive(interaction, this.now()) && !this.deadTokens.has(interaction.token)) {
        const edited = await unlessGone(() => this.api.editAnswer(interaction, edit, followUpId(placeholder)));
        // Discord counts what is sent to a token that it has called invalid.
        if (edited === null) this.deadTokens.set(interaction.token, true);
      } else if (placeholder !== null && !placeholder.ephemeral) {
        await unlessGone(() => this.api.edit(placeholder.channel, placeholder.message, edit));
      }
    });
  }

  private sayLastWords({ replyTo, placeholder, isWanted }: Reached): void {
    const { lane, message } = laneOf(replyTo, placeholder);
    this.edits.offer(lane, message, async () => {
      if (!(await isWanted())) return;
      const words = renderLastWords(phrasesFor(replyTo.locale));
      await unlessGone(() => this.api.editAnswer(replyTo.interaction, words, followUpId(placeholder)));
    });
  }

  deliver(delivery: OutgoingDelivery): Promise<DeliveredMessage> {
    return this.deliveries.deliver(delivery);
  }

  private listen(host: PlatformHost): void {
    const { client, api, placeholders, log, now, inHand } = this;
    const locales = new Locales();
    const { apiUrl } = this.config;
    const interactions = new Interactions({ client, api, host, placeholders, locales, apiUrl, log, now });
    const reactions = new Reactions({ client, api, host, placeholders, locales, log, now });
    client.on(Events.Raw, nameChannel);
    client.on(Events.InteractionCreate, (interaction) => inHand.add(interactions.take(interaction)));
    client.on(Events.Raw, (packet: unknown) => {
      const reaction = reactionPacketSchema.safeParse(packet);
      if (reaction.success) inHand.add(reactions.take(reaction.data.d));
    });
  }

  /** The application that the token belongs to; throws where the configuration says another. */
  private async checkApplication(): Promise<string> {
    const application = this.client.application?.id ?? (await this.api.application());
    const { applicationId } = this.config;
    if (applicationId === undefined || applicationId === application) return application;
    await this.client.destroy();
    throw new DiscordConnectionError(
      `DISCORD_TOKEN belongs to the application ${application}, but DISCORD_APPLICATION_ID is ${applicationId}: correct one of them.`,
    );
  }

  private checkGuild(application: string, id: string): void {
    const guild = this.client.guilds.cache.get(id);
    if (guild === undefined) return;
    const missing = missingPermissions(guild);
    if (missing.length === 0) return;
    const link = inviteLink(application, id);
    this.log.warn({ guild: id, missing }, `In ${guild.name} Easel lacks ${missing.join(', ')}; grant them by ${link}`);
  }

  /** The bot works with the commands that are registered, even where they could not be brought up to date. */
  private async register(application: string, host: PlatformHost): Promise<void> {
    try {
      const { saved, removed, unchanged } = await retryAnswer(() =>
        registerCommands(this.api, application, host.commands),
      );
      this.log.info({ saved, removed, unchanged }, 'Commands are registered');
    } catch (error) {
      this.log.error({ error }, 'Commands could not be registered; try again by: easel discord register');
    }
  }

  private async finish(): Promise<void> {
    this.ending.abort();
    // discord.js never finishes where it was just closing a connection in order to make another.
    await within(DISCONNECT_MS, this.client.destroy()).catch(() => {});
    await this.inHand.settled();
    this.edits.stop();
    this.lastWords.stop();
  }
}
