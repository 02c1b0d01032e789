/**
 * What was painted over a picture, as strokes: so that each can be taken back, and the mask drawn at the picture's own size.
 *
 * @typedef {{ readonly x: number, readonly y: number }} Point
 * @typedef {{ readonly kind: 'paint' | 'erase', readonly size: number, readonly points: Point[] } | { readonly kind: 'clear' }} Stroke
 */

/**
 * Draws strokes onto a canvas as large as the picture. `erased` null: erasing leaves it transparent.
 *
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {readonly Stroke[]} strokes
 * @param {{ readonly painted: string, readonly erased: string | null }} colours
 */
export function drawStrokes(context, strokes, { painted, erased }) {
  const { width, height } = context.canvas;
  const wipe = () => {
    context.clearRect(0, 0, width, height);
    if (erased === null) return;
    context.fillStyle = erased;
    context.fillRect(0, 0, width, height);
  };
  wipe();
  for (const stroke of strokes) {
    if (stroke.kind === 'clear') {
      wipe();
      continue;
    }
    const isHole = stroke.kind === 'erase' && erased === null;
    context.globalCompositeOperation = isHole ? 'destination-out' : 'source-over';
    const colour = stroke.kind === 'paint' || erased === null ? painted : erased;
    drawStroke(context, stroke, colour);
    context.globalCompositeOperation = 'source-over';
  }
}

/**
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Extract<Stroke, { points: Point[] }>} stroke
 * @param {string} colour
 */
function drawStroke(context, { size, points }, colour) {
  const [first] = points;
  if (first === undefined) return;
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = size;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  // A line of no length is not drawn at all, but a touch is a dot.
  context.beginPath();
  context.arc(first.x, first.y, size / 2, 0, 2 * Math.PI);
  context.fill();
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
}

/**
 * The mask as a file: white where it was painted, black elsewhere; null where nothing is left of the paint.
 *
 * @param {readonly Stroke[]} strokes
 * @param {{ readonly width: number, readonly height: number }} size
 * @returns {Promise<File | null>}
 */
export async function maskFile(strokes, { width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) return null;
  drawStrokes(context, strokes, { painted: '#fff', erased: '#000' });
  const { data } = context.getImageData(0, 0, width, height);
  if (!data.some((value, index) => index % 4 === 0 && value > 127)) return null;
  return new File([await canvas.convertToBlob({ type: 'image/png' })], 'mask.png', { type: 'image/png' });
}
