import { describe, expect, it } from 'vitest';
import { nearestBucket, scaledBuckets } from '../../commands/sizes.ts';

const paper = scaledBuckets(1024);
const mini = [
  [256, 256],
  [288, 224],
  [224, 288],
  [320, 192],
  [192, 320],
  [384, 160],
  [160, 384],
].map(([width, height]) => ({ width: width as number, height: height as number }));

describe("the paper's buckets", () => {
  it('are 40, once each, in multiples of 64 and of about a megapixel', () => {
    expect(paper).toHaveLength(40);
    expect(new Set(paper.map(({ width, height }) => `${width}x${height}`)).size).toBe(40);
    for (const { width, height } of paper) {
      expect(width % 64).toBe(0);
      expect(height % 64).toBe(0);
      expect(width * height).toBeGreaterThanOrEqual(0.9 * 1024 * 1024);
      expect(width * height).toBeLessThanOrEqual(1.01 * 1024 * 1024);
    }
  });

  it('are mirrored but for 704 high, 1344 wide', () => {
    const lonely = paper.filter((a) => !paper.some((b) => a.width === b.height && a.height === b.width));
    expect(lonely).toEqual([{ width: 1344, height: 704 }]);
  });

  it('scale with the native size, to multiples of 8', () => {
    for (const nativeSize of [256, 512, 768]) {
      const scaled = scaledBuckets(nativeSize);
      expect(scaled).toContainEqual({ width: nativeSize, height: nativeSize });
      expect(new Set(scaled.map(({ width, height }) => `${width}x${height}`)).size).toBe(scaled.length);
      for (const { width, height } of scaled) {
        expect(width % 8).toBe(0);
        expect(height % 8).toBe(0);
      }
    }
  });
});

describe('the nearest bucket', () => {
  it.each([
    [1, 1024, 1024],
    [16 / 9, 1344, 768],
    [9 / 16, 768, 1344],
    [4 / 3, 1152, 896],
    [3 / 2, 1216, 832],
    [21 / 9, 1536, 640],
    [100, 2048, 512],
    [0.01, 512, 2048],
  ])('of SDXL to %d is %d x %d', (ratio, width, height) => {
    expect(nearestBucket(ratio, paper)).toEqual({ width, height });
  });

  it.each([
    [1, 256, 256],
    [16 / 9, 320, 192],
    [9 / 16, 192, 320],
    [4 / 3, 288, 224],
    [21 / 9, 384, 160],
  ])('of the miniature to %d is %d x %d', (ratio, width, height) => {
    expect(nearestBucket(ratio, mini)).toEqual({ width, height });
  });

  it('needs buckets', () => {
    expect(() => nearestBucket(1, [])).toThrow(RangeError);
  });
});
