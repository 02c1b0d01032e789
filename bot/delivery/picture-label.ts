import sharp from 'sharp';
import { readPngTexts, withPngTexts } from '../../commands/png-text.ts';
import type { Blobs } from '../blobs/blobs.ts';

/** Of the shorter side. */
const HEIGHT = 0.05;
const MIN_HEIGHT = 11;
const SHADE = { r: 0, g: 0, b: 0, alpha: 0.6 };

/** This machine cannot draw an operator's label; the message says what to install. */
export class LabelError extends Error {
  constructor() {
    super('PICTURE_LABEL cannot be drawn: this machine has no font; install one, such as fonts-dejavu-core.');
    this.name = 'LabelError';
  }
}

/**
 * The blobs as people are shown them: a picture that Easel drew has the label in its lower right corner. What is stored
 * stays as it is, for whatever is made from it. Rejects with a `LabelError` where the label could not be seen.
 */
export async function labelledBlobs(blobs: Pick<Blobs, 'get'>, label: string): Promise<Pick<Blobs, 'get'>> {
  await requireFont(label);
  return { get: async (key) => withLabel(await blobs.get(key), label) };
}

/** A picture with its label; what carries no recipe is not a drawing of ours and stays as it is. All metadata is kept. */
export async function withLabel(bytes: Uint8Array, label: string): Promise<Uint8Array> {
  const texts = readPngTexts(bytes);
  if (!texts.has('parameters')) return bytes;
  const { width, height } = await sharp(bytes).metadata();
  const tag = await drawTag(label, Math.max(MIN_HEIGHT, Math.round(Math.min(width, height) * HEIGHT)));
  const fitted = await sharp(tag).resize({ width, height, fit: 'inside', withoutEnlargement: true }).png().toBuffer();
  const labelled = await sharp(bytes)
    .composite([{ input: fitted, gravity: 'southeast' }])
    .removeAlpha()
    .png()
    .toBuffer();
  return withPngTexts(labelled, Object.fromEntries(texts));
}

/** White words on a shade, so high in pixels, as a PNG. */
async function drawTag(label: string, height: number): Promise<Buffer> {
  const words = await drawWords(label, height);
  const { width = 1, height: wordsHeight = 1 } = await sharp(words).metadata();
  const pad = Math.ceil(height / 3);
  const size = { width: width + 2 * pad, height: wordsHeight + pad, channels: 4 } as const;
  return sharp({ create: { ...size, background: SHADE } })
    .composite([{ input: words, gravity: 'centre' }])
    .png()
    .toBuffer();
}

function drawWords(label: string, height: number): Promise<Buffer> {
  const markup = label.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  // Pango's size is in 1,024ths of a point, which at 72 dots an inch is a pixel.
  const text = `<span foreground="white" weight="bold" size="${height * 1024}">${markup}</span>`;
  return sharp({ text: { text, font: 'sans', dpi: 72, rgba: true } })
    .png()
    .toBuffer();
}

async function requireFont(label: string): Promise<void> {
  const stats = await drawWords(label, 20)
    .then((words) => sharp(words).stats())
    .catch(() => null);
  if (stats === null || (stats.channels[3]?.max ?? 0) === 0) throw new LabelError();
}
