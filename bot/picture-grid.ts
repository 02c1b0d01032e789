import sharp from 'sharp';

const COLUMNS = 2;
/** Between the pictures, in pixels. */
const GAP = 8;
const BACKGROUND = '#1e1f22';

/**
 * Several pictures of one request as one PNG, in rows of two, each in a cell of the largest's size: what a chat shows
 * at a glance, while the pictures themselves are there to open one by one.
 */
export async function pictureGrid(pictures: readonly Uint8Array[]): Promise<Uint8Array> {
  const sizes = await Promise.all(pictures.map((bytes) => sharp(bytes).metadata()));
  const cell = {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
  };
  const columns = Math.min(pictures.length, COLUMNS);
  const rows = Math.ceil(pictures.length / columns);
  const placed = pictures.map((input, index) => {
    const { width = 0, height = 0 } = sizes[index] ?? {};
    const [row, column] = [Math.floor(index / columns), index % columns];
    return {
      input: Buffer.from(input),
      left: column * (cell.width + GAP) + Math.floor((cell.width - width) / 2),
      top: row * (cell.height + GAP) + Math.floor((cell.height - height) / 2),
    };
  });
  const grid = sharp({
    create: {
      width: columns * (cell.width + GAP) - GAP,
      height: rows * (cell.height + GAP) - GAP,
      channels: 3,
      background: BACKGROUND,
    },
  });
  return new Uint8Array(await grid.composite(placed).png().toBuffer());
}
