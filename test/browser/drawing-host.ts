import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Platform, PlatformHost } from '../../bot/platform.ts';
import { type BlobKey, blobKeySchema, type JobId, jobIdSchema, pictureId } from '../../commands/ids.ts';
import { commands } from '../../commands/index.ts';
import type { Button, MessageReply, Reply, ReplyPicture } from '../../commands/reply.ts';
import type { CommandRequest } from '../../commands/request.ts';

const GALLERY = new URL('../fixtures/golden/mini/', import.meta.url);

/** How a pretended picture is drawn: each step waits for `turnOn`, so that a test decides what it sees. */
export interface Pace {
  readonly stepMs: number;
  readonly steps: number;
}

/**
 * A program behind the page that pretends to draw: the miniature's own pictures come after a place in line, steps and
 * previews. For work on the page alone; the browser tests of the whole program use the real one.
 */
export class DrawingHost implements PlatformHost {
  readonly commands = commands;
  platform: Platform | null = null;
  readonly requests: CommandRequest[] = [];
  private readonly blobs = new Map<BlobKey, Uint8Array>();
  private readonly pace: Pace;
  private nextPicture = 0;

  constructor(pace: Pace) {
    this.pace = pace;
  }

  async dispatch(request: CommandRequest): Promise<Reply> {
    this.requests.push(request);
    const prompt = String(request.options.prompt ?? 'a cat in the snow');
    switch (request.command) {
      case 'imagine':
      case 'again':
      case 'vary':
      case 'refine':
      case 'upscale':
      case 'zoom-out':
      case 'pan':
        return this.accept(request, prompt, Number(request.options.count ?? 1));
      case 'edit':
        return {
          kind: 'form',
          command: 'imagine',
          title: 'Edit and draw again',
          fields: [
            { name: 'prompt', label: 'Prompt', value: prompt, multiline: true, required: true, maxLength: 4000 },
            { name: 'steps', label: 'Steps', value: '20', multiline: false, required: true, maxLength: 3 },
            { name: 'seed', label: 'Seed', value: '7', multiline: false, required: false, maxLength: 16 },
          ],
          hidden: { private: 'false' },
        };
      case 'inpaint':
        return request.options.mask === undefined ? this.maskForm() : this.accept(request, prompt, 1);
      case 'delete':
        return { kind: 'deleted', text: '1 picture deleted.' };
      case 'cancel':
        return { kind: 'message', visibility: 'private', text: 'Cancelled; it costs nothing.' };
      default:
        return {
          kind: 'message',
          visibility: 'private',
          tone: 'failure',
          text: `There is no command "${request.command}" in this pretence.`,
        };
    }
  }

  async reactionCommand(): Promise<string | null> {
    return null;
  }

  giveUp(error: Error): void {
    throw error;
  }

  async suggest(_request: CommandRequest, option: string, typed: string) {
    const values = option === 'sampler' ? ['euler', 'euler_a', 'dpmpp_2m', 'unipc', 'ddim'] : ['16:9', '1:1', '9:16'];
    return values.filter((value) => value.startsWith(typed)).map((value) => ({ name: value, value }));
  }

  async mayShow(): Promise<boolean> {
    return true;
  }

  async readBlob(key: BlobKey): Promise<Uint8Array> {
    const bytes = this.blobs.get(key);
    if (bytes === undefined) throw new Error(`There is no blob ${key}.`);
    return bytes;
  }

  /** Asks for a part of the picture that was drawn last. */
  private maskForm(): Reply {
    const blob = [...this.blobs.keys()].at(-1)!;
    return {
      kind: 'form',
      command: 'inpaint',
      title: 'Draw a part anew',
      mask: { name: 'mask', label: 'Which part', hint: 'As a picture', picture: { blob, width: 256, height: 256 } },
      fields: [{ name: 'prompt', label: 'Prompt', value: 'a cat', multiline: true, required: true, maxLength: 4000 }],
      hidden: { target: 'picture' },
    };
  }

  private accept(request: CommandRequest, prompt: string, count: number): Reply {
    const job = jobIdSchema.parse(randomUUID());
    void this.draw(job, request.replyTo, prompt, count);
    return {
      kind: 'accepted',
      job,
      visibility: 'public',
      text: `${prompt} · 256x256 · 20 steps · seed 7 · 3 compute seconds`,
      place: 2,
      expectedSeconds: 9,
      buttons: [[{ command: 'cancel', target: job, label: 'Cancel', style: 'secondary' }]],
      repeated: false,
    };
  }

  private async draw(job: JobId, replyTo: unknown, prompt: string, count: number): Promise<void> {
    const { platform } = this;
    if (platform === null) throw new Error('The test has not set the platform.');
    const names = ['cat_snow', 'fox_wide', 'rocket_tall', 'cat_snow_refined'];
    const chosen = Array.from({ length: count }, () => names[this.nextPicture++ % names.length]!);
    const originals = await Promise.all(chosen.map((name) => readFile(new URL(`${name}.png`, GALLERY))));
    for (const place of [2, 1, 0]) {
      await this.pause();
      await platform.progress(replyTo, { job, state: 'queued', place, expectedSeconds: 3 + 3 * place });
    }
    const { steps } = this.pace;
    for (let step = 1; step <= steps; step++) {
      await this.pause();
      for (const [index, original] of originals.entries()) {
        const preview = await sharp(original).resize(64).jpeg({ quality: 60 }).toBuffer();
        const stage = step > 0.8 * steps ? 'refining' : 'drawing';
        await platform.progress(replyTo, { job, state: 'running', stage, step, steps, index, count, preview });
      }
    }
    const pictures = await Promise.all(originals.map((bytes, index) => this.keep(bytes, job, index, prompt)));
    await platform.deliver({
      job,
      acceptedAt: new Date(),
      replyTo,
      message: finishedMessage(pictures),
      nonce: job.slice(0, 25),
      readBlob: (key) => this.readBlob(key),
      partial: null,
      savePartial: async () => {},
    });
  }

  private async keep(bytes: Buffer, job: JobId, index: number, alt: string): Promise<ReplyPicture> {
    const blob = blobKeySchema.parse(createHash('sha256').update(bytes).digest('hex'));
    this.blobs.set(blob, bytes);
    const { width, height } = await sharp(bytes).metadata();
    return { id: pictureId(job, index), blob, name: `${index + 1}.png`, alt, width, height, spoiler: false };
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.pace.stepMs));
  }
}

function finishedMessage(pictures: readonly ReplyPicture[]): MessageReply {
  const button = (
    command: string,
    label: string,
    target: string,
    style: Button['style'] = 'secondary',
    options: Button['options'] = {},
  ): Button => ({ command, label, target, style, options });
  const several = pictures.length > 1;
  const first = pictures[0]!.id!;
  const own = pictures.map(({ id }, index) => {
    const number = several ? ` ${index + 1}` : '';
    return [
      button('refine', `Refine${number}`, id!, 'primary'),
      button('upscale', `Upscale${number}`, id!),
      button('vary', `Vary${number}`, id!),
    ];
  });
  const edits = [
    [button('inpaint', 'Inpaint', first), button('zoom-out', 'Zoom out 2x', first, 'secondary', { factor: '2' })],
    (['left', 'right', 'up', 'down'] as const).map((direction) =>
      button('pan', `Pan ${direction}`, first, 'secondary', { direction }),
    ),
  ];
  const shared = [
    button('again', 'Again', first),
    button('edit', 'Edit', first),
    button('delete', 'Delete', first, 'danger'),
  ];
  const values = { Seed: '7', Steps: '20', Size: '256x256', Sampler: 'euler', Guidance: '5', Recipe: '4k7m2x9qtz' };
  return {
    kind: 'message',
    visibility: 'public',
    text: `${pictures[0]!.alt} · drawn in 2.9 s`,
    fields: Object.entries(values).map(([name, value]) => ({ name, value })),
    pictures,
    buttons: [...own, ...(several ? [] : edits), shared],
    tone: 'success',
  };
}
