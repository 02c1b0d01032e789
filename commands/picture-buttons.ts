import type { Picture } from './job.ts';
import type { Messages } from './locale/index.ts';
import type { Button } from './reply.ts';
import { MAX_UPSCALED_SIDE } from './upscale-methods.ts';

/** What the buttons of a picture depend on. */
type Shown = Pick<Picture, 'id' | 'handoff' | 'width' | 'height'> & {
  readonly recipe: Pick<Picture['recipe'], 'refine' | 'upscale'>;
};

/** As `MessageReply.buttons` has them. */
const BUTTONS_A_ROW = 5;

/** What can be done with finished pictures, in rows. */
export function pictureButtons(pictures: readonly Shown[], { buttons }: Messages): readonly (readonly Button[])[] {
  const [first] = pictures;
  if (first === undefined) return [];
  const common = [
    button('again', first, buttons.again),
    button('edit', first, buttons.edit),
    button('delete', first, buttons.delete, { style: 'danger' }),
  ];
  return [...(pictures.length === 1 ? allOf(first, buttons) : mainOf(pictures, buttons)), common];
}

/** Everything for one picture; only what it can still be made into. */
function allOf(picture: Shown, labels: Messages['buttons']): readonly (readonly Button[])[] {
  const isUpscaled = picture.recipe.upscale !== undefined;
  const fits = (factor: number): boolean => Math.max(picture.width, picture.height) * factor <= MAX_UPSCALED_SIDE;
  const better = [
    ...(canRefine(picture) ? [button('refine', picture, labels.refine, { style: 'primary' })] : []),
    ...(!isUpscaled && fits(2) ? [button('upscale', picture, labels.upscale)] : []),
    ...(!isUpscaled && fits(4) ? [button('upscale', picture, labels.upscale4, { options: { factor: '4' } })] : []),
    ...(!isUpscaled && fits(2) ? [button('upscale', picture, labels.detail, { options: { detail: 'on' } })] : []),
  ];
  const other = [
    button('vary', picture, labels.varySubtle, { options: { change: 'subtle' } }),
    button('vary', picture, labels.varyStrong, { options: { change: 'strong' } }),
    button('inpaint', picture, labels.inpaint),
  ];
  const wider = [
    button('zoom-out', picture, labels.zoomOut('1.5'), { options: { factor: '1.5' } }),
    button('zoom-out', picture, labels.zoomOut('2'), { options: { factor: '2' } }),
  ];
  const sides = (['left', 'right', 'up', 'down'] as const).map((direction) =>
    button('pan', picture, labels.pan[direction], { options: { direction } }),
  );
  return [better, other, wider, sides].filter((row) => row.length > 0);
}

/** Of several pictures each has its own main buttons, numbered. */
function mainOf(pictures: readonly Shown[], labels: Messages['buttons']): readonly (readonly Button[])[] {
  const rows = (command: string, label: string, more: Pick<Partial<Button>, 'style'> = {}) =>
    inRows(pictures.map((picture, index) => button(command, picture, `${label} ${index + 1}`, more)));
  // Of so many that their buttons take two rows, a fifth row is all that is left: five is what Discord shows.
  const hasRoom = pictures.length <= BUTTONS_A_ROW;
  return [
    ...(hasRoom && pictures.every(canRefine) ? rows('refine', labels.refine, { style: 'primary' }) : []),
    ...rows('upscale', labels.upscale),
    ...rows('vary', labels.vary),
    ...(hasRoom ? rows('more', labels.more) : []),
  ];
}

function inRows(all: readonly Button[]): readonly (readonly Button[])[] {
  const count = Math.ceil(all.length / BUTTONS_A_ROW);
  return Array.from({ length: count }, (_, row) => all.slice(row * BUTTONS_A_ROW, (row + 1) * BUTTONS_A_ROW));
}

function canRefine({ handoff, recipe }: Shown): boolean {
  return handoff !== null && recipe.refine === null && recipe.upscale === undefined;
}

function button(
  command: string,
  { id: target }: Shown,
  label: string,
  more: Pick<Partial<Button>, 'style' | 'options'> = {},
): Button {
  return { command, target, label, style: 'secondary', ...more };
}
