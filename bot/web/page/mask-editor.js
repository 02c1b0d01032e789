/** @import { MaskField } from '../../../commands/reply.ts' */
/** @import { Point, Stroke } from './mask-strokes.js' */
import { element, icon } from './element.js';
import { drawStrokes, maskFile } from './mask-strokes.js';
import { words } from './words.js';

/** Brush sizes as shares of the picture's shorter side. */
const BRUSH = { smallest: 1 / 64, usual: 1 / 8, largest: 1 / 2 };
/** What an arrow key moves the brush by, as a share of the shorter side. */
const KEY_STEP = 1 / 32;
const ARROWS = new Map([
  ['ArrowLeft', { x: -1, y: 0 }],
  ['ArrowRight', { x: 1, y: 0 }],
  ['ArrowUp', { x: 0, y: -1 }],
  ['ArrowDown', { x: 0, y: 1 }],
]);

/**
 * A picture to paint over, with the mouse, a pen, a finger or the keys.
 *
 * @param {MaskField} field
 * @param {string} id
 */
export function maskEditor({ label, picture }, id) {
  const { width, height, blob } = picture;
  const shorter = Math.min(width, height);
  const canvas = element('canvas', {
    width,
    height,
    tabindex: 0,
    role: 'application',
    'aria-label': label,
    'aria-describedby': `${id}-how`,
  });
  const context = canvas.getContext('2d');
  const ring = element('span', { class: 'ring', hidden: true });
  const paint = toolButton('paint', words.paint);
  const erase = toolButton('erase', words.erase);
  const size = element('input', {
    id: `${id}-size`,
    type: 'range',
    min: Math.max(1, Math.round(shorter * BRUSH.smallest)),
    max: Math.round(shorter * BRUSH.largest),
    value: Math.round(shorter * BRUSH.usual),
  });
  const undo = toolButton('undo', words.undo);
  const clear = toolButton('clear', words.clear);
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true });
  const image = element('img', { src: `/blobs/${blob}`, alt: '', width, height });
  const sheet = element('div', { class: 'sheet' }, image, canvas, ring);
  sheet.style.setProperty('--ratio', String(width / height));
  const view = element(
    'div',
    { class: 'mask' },
    element(
      'p',
      { class: 'about', id: `${id}-how` },
      words.paintHow,
      ' ',
      element('span', { class: 'keys' }, words.paintKeys),
    ),
    sheet,
    problem,
    element(
      'div',
      { class: 'tools' },
      element('div', { class: 'group', role: 'group', 'aria-label': words.brush }, paint, erase),
      element('label', { for: size.id }, words.brushSize),
      size,
      element('div', { class: 'group' }, undo, clear),
    ),
  );

  /** @type {Stroke[]} */
  const strokes = [];
  /** @type {Extract<Stroke, { points: Point[] }> | null} */
  let current = null;
  /** @type {'paint' | 'erase'} */
  let kind = 'paint';
  /** Where the keys are. */
  let place = { x: width / 2, y: height / 2 };

  function show() {
    if (context === null) return;
    const painted = getComputedStyle(canvas).color;
    drawStrokes(context, strokes, { painted, erased: null });
    undo.disabled = strokes.length === 0;
    clear.disabled = strokes.length === 0;
    problem.hidden = true;
  }

  /** @param {'paint' | 'erase'} chosen */
  function choose(chosen) {
    kind = chosen;
    paint.ariaPressed = String(chosen === 'paint');
    erase.ariaPressed = String(chosen === 'erase');
  }

  /** @param {Point} at */
  function begin(at) {
    current = { kind, size: Number(size.value), points: [at] };
    strokes.push(current);
    show();
  }

  /** @param {Point} at */
  function showRing(at) {
    ring.hidden = false;
    ring.style.setProperty('--x', String(at.x / width));
    ring.style.setProperty('--y', String(at.y / height));
    ring.style.setProperty('--size', String(Number(size.value) / width));
  }

  /** @param {PointerEvent} event */
  function pointOf({ clientX, clientY }) {
    const bounds = canvas.getBoundingClientRect();
    return {
      x: ((clientX - bounds.left) / bounds.width) * width,
      y: ((clientY - bounds.top) / bounds.height) * height,
    };
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    begin(pointOf(event));
    // A finger is followed by itself, a mouse only when it is asked for.
    if (event.pointerType !== 'touch') canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    showRing(pointOf(event));
    if (current === null || event.buttons === 0) return;
    const passed = event.getCoalescedEvents();
    current.points.push(...(passed.length === 0 ? [event] : passed).map(pointOf));
    show();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      current = null;
    });
  }
  canvas.addEventListener('pointerleave', () => {
    ring.hidden = true;
  });
  canvas.addEventListener('focus', () => canvas.matches(':focus-visible') && showRing(place));
  canvas.addEventListener('blur', () => {
    ring.hidden = true;
    current = null;
  });
  canvas.addEventListener('keydown', (event) => {
    const direction = ARROWS.get(event.key);
    if (direction !== undefined) {
      const step = shorter * KEY_STEP * (event.shiftKey ? 4 : 1);
      place = {
        x: Math.min(Math.max(place.x + direction.x * step, 0), width),
        y: Math.min(Math.max(place.y + direction.y * step, 0), height),
      };
      showRing(place);
      current?.points.push(place);
      if (current !== null) show();
    } else if (event.key === ' ') {
      if (current === null) begin(place);
    } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) undo.click();
    else return;
    event.preventDefault();
  });
  canvas.addEventListener('keyup', ({ key }) => {
    if (key === ' ') current = null;
  });
  paint.addEventListener('click', () => choose('paint'));
  erase.addEventListener('click', () => choose('erase'));
  undo.addEventListener('click', () => {
    strokes.pop();
    show();
  });
  clear.addEventListener('click', () => {
    strokes.push({ kind: 'clear' });
    show();
  });
  choose('paint');
  undo.disabled = true;
  clear.disabled = true;

  return {
    view,
    /** Resolves to the mask, or to null where nothing is painted, which is then said. */
    async file() {
      const file = await maskFile(strokes, { width, height });
      problem.textContent = words.nothingPainted;
      problem.hidden = file !== null;
      if (file === null) canvas.focus();
      return file;
    },
  };
}

/**
 * @param {string} name
 * @param {string} label
 */
function toolButton(name, label) {
  return element('button', { type: 'button', class: 'tool', 'aria-label': label, title: label }, icon(name));
}
