import type { Tensor } from '../tensor.ts';

/** How a large picture or latent is cut. All lengths are in cells. */
export interface Tiling {
  /** A tile's side; what has no more cells than a square tile is not cut. */
  readonly side: number;
  /** Cells that neighbours share at least; across them one fades into the other. */
  readonly overlap: number;
  /** Cells at a tile's inner edge that count for nothing, because the network looked for more beyond them. */
  readonly margin: number;
  /** Values along a side that one cell has in the network's input and in its output. */
  readonly inputCell: number;
  readonly outputCell: number;
}

/** A tile's place, in cells. */
export interface Area {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Runs a network over a large input [1, C, H, W] tile by tile, so that its memory does not grow with the input, and
 * blends the results where tiles overlap. Height and width are multiples of the input's cell.
 */
export async function inTiles(
  input: Tensor,
  tiling: Tiling,
  run: (tile: Tensor, area: Area) => Promise<Tensor>,
): Promise<Tensor> {
  const { side, inputCell, outputCell } = tiling;
  const [, , height = 0, width = 0] = input.shape;
  const [rows, columns] = [height / inputCell, width / inputCell];
  if (rows * columns <= side ** 2) return run(input, { top: 0, left: 0, rows, columns });

  let output: Tensor | null = null;
  for (const vertical of spansOf(rows, tiling)) {
    for (const horizontal of spansOf(columns, tiling)) {
      const area = areaOf(vertical, horizontal);
      const tile = await run(crop(input, area, inputCell), area);
      const channels = tile.shape[1] ?? 0;
      const [outputHeight, outputWidth] = [rows * outputCell, columns * outputCell];
      output ??= {
        shape: [1, channels, outputHeight, outputWidth],
        data: new Float32Array(channels * outputHeight * outputWidth),
      };
      addTile(output, tile, vertical, horizontal, outputCell);
    }
  }
  return output ?? run(input, { top: 0, left: 0, rows, columns });
}

/** The tiles that an input of so many cells is cut into, row by row; one where it is not cut. */
export function areasOf(rows: number, columns: number, tiling: Tiling): readonly Area[] {
  if (rows * columns <= tiling.side ** 2) return [{ top: 0, left: 0, rows, columns }];
  return spansOf(rows, tiling).flatMap((vertical) =>
    spansOf(columns, tiling).map((horizontal) => areaOf(vertical, horizontal)),
  );
}

function areaOf(vertical: Span, horizontal: Span): Area {
  return { top: vertical.start, left: horizontal.start, rows: vertical.length, columns: horizontal.length };
}

/** A tile's extent along one side. */
interface Span {
  readonly start: number;
  readonly length: number;
  /** What each of the output's values counts; those of all spans add up to 1 everywhere. */
  readonly weights: Float32Array;
}

/** Tiles of equal length, evenly spread. */
function spansOf(total: number, { side, overlap, margin, outputCell }: Tiling): readonly Span[] {
  const length = Math.min(side, total);
  const count = length === total ? 1 : Math.ceil((total - overlap) / (side - overlap));
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (total - length)) / Math.max(count - 1, 1)));
  const raw = starts.map((start) => fade(length * outputCell, start > 0, start + length < total));
  const sums = new Float64Array(total * outputCell);
  for (const [index, values] of raw.entries()) {
    const offset = (starts[index] ?? 0) * outputCell;
    for (const [i, value] of values.entries()) sums[offset + i] = (sums[offset + i] ?? 0) + value;
  }
  return starts.map((start, index) => {
    const weights = (raw[index] ?? new Float32Array()).map((value, i) => value / (sums[start * outputCell + i] ?? 1));
    return { start, length, weights };
  });

  /** Rises from nothing over what is shared beyond the margins, at the sides that have a neighbour. */
  function fade(size: number, hasBefore: boolean, hasAfter: boolean): Float32Array {
    const [silent, rising] = [margin * outputCell, (overlap - 2 * margin) * outputCell];
    const rise = (distance: number): number => Math.min(Math.max((distance - silent) / rising, 0), 1);
    return Float32Array.from({ length: size }, (_, i) =>
      Math.min(hasBefore ? rise(i + 0.5) : 1, hasAfter ? rise(size - i - 0.5) : 1),
    );
  }
}

/** The part of a picture or latent that an area of cells is. */
export function crop({ shape, data }: Tensor, area: Area, cell: number): Tensor {
  const [, channels = 0, height = 0, width = 0] = shape;
  const [top, left] = [area.top * cell, area.left * cell];
  const [rows, columns] = [area.rows * cell, area.columns * cell];
  const cropped = new Float32Array(channels * rows * columns);
  for (let line = 0; line < channels * rows; line++) {
    const source = (Math.floor(line / rows) * height + top + (line % rows)) * width + left;
    cropped.set(data.subarray(source, source + columns), line * columns);
  }
  return { shape: [1, channels, rows, columns], data: cropped };
}

function addTile(output: Tensor, tile: Tensor, vertical: Span, horizontal: Span, cell: number): void {
  const [, channels = 0, height = 0, width = 0] = output.shape;
  const [top, left] = [vertical.start * cell, horizontal.start * cell];
  const [rows, columns] = [vertical.weights.length, horizontal.weights.length];
  for (let line = 0; line < channels * rows; line++) {
    const row = line % rows;
    const weight = vertical.weights[row] ?? 0;
    const target = (Math.floor(line / rows) * height + top + row) * width + left;
    for (let column = 0; column < columns; column++) {
      const value = (tile.data[line * columns + column] ?? 0) * weight * (horizontal.weights[column] ?? 0);
      output.data[target + column] = (output.data[target + column] ?? 0) + value;
    }
  }
}
