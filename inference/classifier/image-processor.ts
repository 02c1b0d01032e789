import { z } from 'zod';
import { parser } from '../checkpoint/configuration-parser.ts';
import type { RgbBytes } from '../image/pixels.ts';
import type { Tensor } from '../tensor.ts';
import { type Filter, resize } from './resample.ts';

/** Pillow's numbers. */
const FILTERS: readonly Filter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];
/** Classifiers read 224 to 512 pixels; a hostile file must not ask for a side of a million. */
const MAX_SIDE = 1024;

const side = z.number().int().min(1).max(MAX_SIDE);
const exactSize = z.object({ height: side, width: side });
const shortestSize = z.object({ shortest_edge: side });
const colours = z.array(z.number()).length(3);

const processorSchema = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().default(true),
  size: z.union([side, exactSize, shortestSize]).default(224),
  resample: z.number().int().min(0).max(5).default(2),
  crop_pct: z.number().gt(0).max(1).nullish(),
  do_center_crop: z.boolean().default(false),
  crop_size: z.union([side, exactSize]).nullish(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: colours.default([0.5, 0.5, 0.5]),
  image_std: colours.refine((values) => values.every((value) => value !== 0)).default([0.5, 0.5, 0.5]),
});

/** A `preprocessor_config.json`: what is done to a picture before a classifier sees it. */
export type ImageProcessor = z.infer<typeof processorSchema>;

/** Parses `preprocessor_config.json`; absent keys are as ViTImageProcessor has them. Throws CheckpointError. */
export const parseImageProcessor = parser(processorSchema);

/**
 * A picture as the classifier reads it, [1, 3, H, W]: scaled, cropped, brought to a range and normalised as the image
 * processors of transformers do.
 */
export function preprocess(picture: RgbBytes, processor: ImageProcessor): Tensor {
  const scaled = processor.do_resize ? scale(picture, processor) : picture;
  const target = cropOf(processor);
  const cropped = target === null ? scaled : centreCrop(scaled, target);
  return normalise(cropped, processor);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function scale(picture: RgbBytes, processor: ImageProcessor): RgbBytes {
  const { width, height } = scaledSize(picture, processor);
  return resize(picture, width, height, FILTERS[processor.resample] ?? 'bilinear');
}

function scaledSize(picture: Size, processor: ImageProcessor): Size {
  const { size } = processor;
  if (typeof size === 'object' && 'height' in size) return size;
  const edge = edgeOf(size);
  if (cropsToEdge(processor))
    return withShorterSide(picture, Math.trunc(edge / (processor.crop_pct ?? CONVNEXT_SHARE)));
  return keepsShape(processor) ? withShorterSide(picture, edge) : { width: edge, height: edge };
}

/** The other side is rounded down. */
function withShorterSide({ width, height }: Size, edge: number): Size {
  return width <= height
    ? { width: edge, height: Math.trunc((edge * height) / width) }
    : { width: Math.trunc((edge * width) / height), height: edge };
}

function edgeOf(size: number | { readonly shortest_edge: number }): number {
  return typeof size === 'number' ? size : size.shortest_edge;
}

/** A bare number means a square to most processors, and the shorter side to those that were made after CLIP's. */
function keepsShape(processor: ImageProcessor): boolean {
  if (isConvNext(processor)) return false;
  return typeof processor.size === 'object' || /CLIP|MobileNet|PoolFormer|Levit/i.test(className(processor));
}

function className({ image_processor_type: now, feature_extractor_type: before }: ImageProcessor): string {
  return now ?? before ?? '';
}

/** ResNet, ConvNeXT and Swin are published with this one. */
function isConvNext(processor: ImageProcessor): boolean {
  return /ConvNext/i.test(className(processor));
}

/** ConvNeXT scales a little beyond sides below this, and crops; larger ones it takes as a square. */
const CONVNEXT_LARGE = 384;
const CONVNEXT_SHARE = 224 / 256;

function cropsToEdge(processor: ImageProcessor): boolean {
  const { size } = processor;
  const isExact = typeof size === 'object' && 'height' in size;
  return processor.do_resize && isConvNext(processor) && !isExact && edgeOf(size) < CONVNEXT_LARGE;
}

function cropOf(processor: ImageProcessor): Size | null {
  const { size, crop_size: crop } = processor;
  const own = typeof size === 'object' && 'height' in size ? size : square(edgeOf(size));
  if (cropsToEdge(processor)) return own;
  if (!processor.do_center_crop) return null;
  return typeof crop === 'number' ? square(crop) : (crop ?? own);
}

function square(side: number): Size {
  return { width: side, height: side };
}

/** What sticks out is cut off evenly; what is missing is black. */
function centreCrop(picture: RgbBytes, { width, height }: Size): RgbBytes {
  const left = Math.floor((picture.width - width) / 2);
  const top = Math.floor((picture.height - height) / 2);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [x + left, y + top];
      if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) continue;
      const source = 3 * (row * picture.width + column);
      data.set(picture.data.subarray(source, source + 3), 3 * (y * width + x));
    }
  }
  return { width, height, data };
}

function normalise({ width, height, data }: RgbBytes, processor: ImageProcessor): Tensor {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  const factor = processor.do_rescale ? processor.rescale_factor : 1;
  for (let channel = 0; channel < 3; channel++) {
    const mean = processor.do_normalize ? (processor.image_mean[channel] ?? 0) : 0;
    const deviation = processor.do_normalize ? (processor.image_std[channel] ?? 1) : 1;
    for (let pixel = 0; pixel < area; pixel++) {
      planes[channel * area + pixel] = ((data[3 * pixel + channel] ?? 0) * factor - mean) / deviation;
    }
  }
  return { shape: [1, 3, height, width], data: planes };
}
