import { describe, expect, it } from 'vitest';
import { inTiles, type Tiling } from '../../../inference/pipeline/tiles.ts';
import { TorchGenerator } from '../../../inference/sampling/noise.ts';
import type { Tensor } from '../../../inference/tensor.ts';

const tiling: Tiling = { side: 8, overlap: 4, margin: 1, inputCell: 1, outputCell: 1 };
const noise = (...shape: number[]): Tensor => new TorchGenerator(3).randn(shape);

function largestDifference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

/** Every pixel the sum of its neighbours and itself: a network that looks one pixel far. */
async function sumOfNeighbours({ shape, data }: Tensor): Promise<Tensor> {
  const [, channels, height, width] = shape as [number, number, number, number];
  const at = (c: number, y: number, x: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : data[(c * height + y) * width + x]!;
  const sums = data.map((_, i) => {
    const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => at(c, y + dy, x + dx))).reduce((a, b) => a + b, 0);
  });
  return { shape: [1, channels, height, width], data: sums };
}

/** Every pixel three by three times. */
async function enlarge({ shape, data }: Tensor): Promise<Tensor> {
  const [, channels, height, width] = shape as [number, number, number, number];
  const enlarged = Float32Array.from({ length: data.length * 9 }, (_, i) => {
    const [c, y, x] = [
      Math.floor(i / (9 * height * width)),
      Math.floor(i / (3 * width)) % (3 * height),
      i % (3 * width),
    ];
    return data[(c * height + Math.floor(y / 3)) * width + Math.floor(x / 3)]!;
  });
  return { shape: [1, channels, 3 * height, 3 * width], data: enlarged };
}

describe('inTiles', () => {
  it.each([
    [9, 9],
    [8, 30],
    [5, 20],
    [31, 17],
  ])(
    'gives what the whole gives, where the network looks no further than the margin (%i x %i)',
    async (height, width) => {
      const input = noise(1, 2, height, width);
      expect(
        largestDifference(await inTiles(input, tiling, sumOfNeighbours), await sumOfNeighbours(input)),
      ).toBeLessThan(1e-5);
    },
  );

  it('puts tiles of other scales where they belong', async () => {
    const input = noise(1, 3, 13, 21);
    const enlarged = await inTiles(input, { ...tiling, outputCell: 3 }, enlarge);
    expect(largestDifference(enlarged, await enlarge(input))).toBeLessThan(1e-5);
    const cells = noise(1, 1, 26, 42);
    const same = await inTiles(cells, { ...tiling, inputCell: 2, outputCell: 2 }, async (tile) => tile);
    expect(largestDifference(same, cells)).toBeLessThan(1e-5);
  });

  it('fades from tile to tile where they disagree', async () => {
    let tiles = 0;
    const { data } = await inTiles(noise(1, 1, 8, 20), tiling, async ({ shape, data: values }) => {
      const tile = tiles++;
      return { shape, data: values.map(() => tile) };
    });
    const row = [...data.subarray(0, 20)];
    expect(row).toEqual([...row].sort((a, b) => a - b));
    expect([row[0], row.at(-1)]).toEqual([0, tiles - 1]);
    const steps = row.slice(1).map((value, i) => value - row[i]!);
    expect(Math.max(...steps)).toBeLessThanOrEqual(0.5);
  });

  it('cuts nothing that has no more cells than a tile, and else runs no more than a tile at once', async () => {
    const seen: string[] = [];
    const run = async (tile: Tensor) => {
      seen.push(tile.shape.slice(2).join('x'));
      return tile;
    };
    await inTiles(noise(1, 1, 4, 16), tiling, run);
    expect(seen).toEqual(['4x16']);
    await inTiles(noise(1, 1, 20, 12), tiling, run);
    expect(seen.slice(1)).toEqual(new Array(8).fill('8x8'));
  });
});
