import { randomBytes } from 'node:crypto';
import { InteractionResponseType as Answer, InteractionType } from 'discord.js';
import { z } from 'zod';
import { CANARY } from '../../canary.ts';
import type { Clock } from '../clock.ts';
import * as errors from './api-error.ts';
import { accept, autocompleteBody, type ModalBody, messageBody, modalBody } from './limits.ts';
import { createMessage, editMessage, type UploadedFile } from './messages.ts';
import { EPHEMERAL, type Json, LOADING, type Message, type World } from './state.ts';

export const ACKNOWLEDGE_MS = 3000;
export const TOKEN_LIFETIME_MS = 15 * 60_000;

/** What one person did, and what became of it. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly user: string;
  readonly channel: string;
  /** The slash command's whole name. */
  readonly command: string | null;
  /** The message whose button was pressed, also where the button opened the form that is sent now. */
  readonly pressed: Message | null;
  readonly createdAt: number;
  /** Milliseconds from the act to the acknowledgement; null: none yet. */
  acknowledgedAfter: number | null;
  answer: Answer | null;
  /** What `@original` means. */
  original: Message | null;
  modal: ModalBody | null;
  choices: readonly { readonly name: string; readonly value: string | number }[] | null;
  /** Fulfils with the acknowledgement; rejects where it is late, as a person's client says it. */
  readonly acknowledged: Promise<void>;
}

const callbackBody = z.strictObject({ type: z.int(), data: z.looseObject({}).nullish() });

/** Keeps the rules of interactions: one acknowledgement within 3 s, then a token for 15 minutes. */
export class Interactions {
  readonly all: Interaction[] = [];
  private readonly byToken = new Map<string, Interaction>();
  private readonly settle = new Map<string, () => void>();
  private readonly world: World;
  private readonly clock: Clock;

  constructor(world: World, clock: Clock) {
    this.world = world;
    this.clock = clock;
  }

  open(about: Pick<Interaction, 'type' | 'user' | 'channel' | 'command' | 'pressed'>): Interaction {
    const { promise, resolve, reject } = withResolvers();
    const interaction: Interaction = {
      ...about,
      id: this.world.ids.next(),
      token: `${CANARY}${randomBytes(48).toString('base64url')}`,
      createdAt: this.clock.now(),
      acknowledgedAfter: null,
      answer: null,
      original: null,
      modal: null,
      choices: null,
      acknowledged: promise,
    };
    const callOff = this.clock.after(ACKNOWLEDGE_MS, () => reject(new Error('The application did not respond')));
    this.settle.set(interaction.id, () => {
      callOff();
      resolve();
    });
    promise.catch(() => {});
    this.all.push(interaction);
    this.byToken.set(interaction.token, interaction);
    return interaction;
  }

  /** `POST /interactions/:id/:token/callback` */
  answer(id: string, token: string, raw: unknown, files: readonly UploadedFile[]): Interaction {
    const interaction = this.byToken.get(token);
    if (interaction === undefined || interaction.id !== id) throw errors.unknownInteraction();
    if (this.clock.now() - interaction.createdAt > ACKNOWLEDGE_MS) throw errors.unknownInteraction();
    if (interaction.answer !== null) throw errors.alreadyAcknowledged();
    const { type, data } = accept(callbackBody, raw);
    const fits = ALLOWED[interaction.type] ?? [];
    if (
      !fits.includes(type) ||
      ((type === Answer.UpdateMessage || type === Answer.DeferredMessageUpdate) && interaction.pressed === null)
    ) {
      throw errors.invalidForm([{ path: ['type'], message: 'Value is not possible for this interaction' }]);
    }
    this.apply(interaction, type, data ?? {}, files);
    interaction.answer = type;
    interaction.acknowledgedAfter = this.clock.now() - interaction.createdAt;
    this.settle.get(id)?.();
    this.settle.delete(id);
    this.world.changed();
    return interaction;
  }

  /** The interaction behind a webhook's token; throws where it is unknown, too old, or has not been acknowledged. */
  ofWebhook(application: string, token: string): Interaction {
    const interaction = this.byToken.get(token);
    if (interaction === undefined || application !== this.world.application) throw errors.unknownWebhook();
    if (this.clock.now() - interaction.createdAt > TOKEN_LIFETIME_MS) throw errors.invalidWebhookToken();
    if (interaction.answer === null) throw errors.unknownWebhook();
    return interaction;
  }

  /** The message that `@original` or an id means for this interaction. */
  messageOf(interaction: Interaction, id: string): Message {
    const message =
      id === '@original' ? interaction.original : this.world.messages.find((candidate) => candidate.id === id);
    const own = message?.interaction?.id === interaction.id || message === interaction.original;
    if (message === null || message === undefined || message.deleted || !own) throw errors.unknownMessage();
    return message;
  }

  /** Edits; the first edit of a deferred answer ends its "is thinking". */
  edit(message: Message, raw: unknown, files: readonly UploadedFile[]): void {
    editMessage(this.world, message, accept(messageBody, raw), files);
    message.flags &= ~LOADING;
  }

  /** A message beside the answer. Straight after a deferral it fills the deferred answer instead. */
  followUp(interaction: Interaction, raw: unknown, files: readonly UploadedFile[]): Message {
    const { original } = interaction;
    if (original !== null && !original.deleted && (original.flags & LOADING) !== 0) {
      this.edit(original, raw, files);
      return original;
    }
    return this.create(interaction, raw, files);
  }

  private apply(interaction: Interaction, type: Answer, data: Json, files: readonly UploadedFile[]): void {
    switch (type) {
      case Answer.ChannelMessageWithSource:
        interaction.original = this.create(interaction, data, files);
        return;
      case Answer.DeferredChannelMessageWithSource:
        // Only EPHEMERAL counts here; whatever else is sent is ignored.
        interaction.original = this.create(interaction, { flags: Number(data.flags ?? 0) & EPHEMERAL }, [], LOADING);
        return;
      case Answer.DeferredMessageUpdate:
        interaction.original = interaction.pressed;
        return;
      case Answer.UpdateMessage:
        if (interaction.pressed !== null) this.edit(interaction.pressed, data, files);
        interaction.original = interaction.pressed;
        return;
      case Answer.ApplicationCommandAutocompleteResult:
        interaction.choices = accept(autocompleteBody, data).choices;
        return;
      case Answer.Modal:
        interaction.modal = accept(modalBody, data);
        return;
      default:
        throw new Error(`The fake Discord does not know answers of type ${type}.`);
    }
  }

  private create(interaction: Interaction, raw: unknown, files: readonly UploadedFile[], extraFlags = 0): Message {
    const body = accept(messageBody, raw);
    const pressed = interaction.type === InteractionType.MessageComponent ? interaction.pressed : null;
    return createMessage(this.world, this.world.channel(interaction.channel), body, files, {
      ephemeralFor: ((body.flags ?? 0) & EPHEMERAL) === 0 ? null : interaction.user,
      interaction: { id: interaction.id, user: interaction.user, command: interaction.command },
      type: pressed === null ? 20 : 19,
      extraFlags,
    });
  }
}

const ALLOWED: Readonly<Partial<Record<InteractionType, readonly Answer[]>>> = {
  [InteractionType.ApplicationCommand]: [
    Answer.ChannelMessageWithSource,
    Answer.DeferredChannelMessageWithSource,
    Answer.Modal,
  ],
  [InteractionType.MessageComponent]: [
    Answer.ChannelMessageWithSource,
    Answer.DeferredChannelMessageWithSource,
    Answer.DeferredMessageUpdate,
    Answer.UpdateMessage,
    Answer.Modal,
  ],
  [InteractionType.ModalSubmit]: [
    Answer.ChannelMessageWithSource,
    Answer.DeferredChannelMessageWithSource,
    Answer.DeferredMessageUpdate,
    Answer.UpdateMessage,
  ],
  [InteractionType.ApplicationCommandAutocomplete]: [Answer.ApplicationCommandAutocompleteResult],
};

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
