import type { SizeBucket } from './engine.ts';

/** The sizes that SDXL was trained on (paper, appendix I): height -> widths, in pixels. The mirrors belong to them too. */
const wideSizes: Readonly<Record<number, readonly number[]>> = {
  512: [2048, 1984, 1920, 1856],
  576: [1792, 1728, 1664],
  640: [1600, 1536],
  704: [1472, 1408, 1344],
  768: [1344, 1280],
  832: [1216, 1152],
  896: [1152, 1088],
  960: [1088, 1024],
};

const paperBuckets: readonly SizeBucket[] = Object.entries(wideSizes)
  .flatMap(([height, widths]) => widths.map((width) => ({ width, height: Number(height) })))
  // The paper lists 1344x704 only wide, so there are 40 and not 41.
  .flatMap((wide) => [wide, ...(wide.width === 1344 && wide.height === 704 ? [] : [mirrored(wide)])])
  .concat({ width: 1024, height: 1024 });

/** The paper's buckets for a model whose square has another side: scaled, to multiples of 8, each once. */
export function scaledBuckets(nativeSize: number): readonly SizeBucket[] {
  const scale = (side: number): number => Math.round((side * nativeSize) / 1024 / 8) * 8;
  const scaled = paperBuckets.map(({ width, height }) => ({ width: scale(width), height: scale(height) }));
  return [...new Map(scaled.map((bucket) => [`${bucket.width}x${bucket.height}`, bucket])).values()];
}

/** The bucket whose ratio of width to height is nearest, by ratio of ratios; of equals the largest. */
export function nearestBucket(ratio: number, buckets: readonly SizeBucket[]): SizeBucket {
  const distance = ({ width, height }: SizeBucket): number => Math.abs(Math.log(width / height / ratio));
  const nearest = [...buckets].sort((a, b) => distance(a) - distance(b) || b.width * b.height - a.width * a.height)[0];
  if (nearest === undefined) throw new RangeError('A model without sizes has no nearest one.');
  return nearest;
}

/** Width to height of a text such as `16:9`, `3/2` or `1.91:1`; null where it is no ratio. */
export function parseAspect(text: string): number | null {
  const match = /^\s*(\d{1,4}(?:\.\d{1,4})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,4})?)\s*$/.exec(text);
  const ratio = Number(match?.[1]) / Number(match?.[2]);
  return ratio > 0 && ratio < Number.POSITIVE_INFINITY ? ratio : null;
}

function mirrored({ width, height }: SizeBucket): SizeBucket {
  return { width: height, height: width };
}
