import type { Arithmetic } from '../../commands/engine.ts';
import { FAST_DEEP_EVERY } from '../../commands/parameters/fast.ts';
import { decibels } from '../likeness.ts';
import { withMiniature } from './miniature-engine.ts';
import type { Row } from './table.ts';

const PROMPTS = [
  'a cat in the snow',
  'a fox in the forest',
  'a rocket in space',
  'a red car on the beach',
  'a blue house in the rain',
  'a green tree in the desert',
];

interface Shortcut {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  readonly deepEvery?: number;
}

const shortcuts: readonly Shortcut[] = [
  { name: 'fast', arithmetic: 'float32', deepEvery: FAST_DEEP_EVERY },
  { name: 'int8-linear', arithmetic: 'int8-linear' },
  { name: 'int8', arithmetic: 'int8' },
  { name: 'int8 and fast', arithmetic: 'int8', deepEvery: FAST_DEEP_EVERY },
];

/** What is no longer exact: what it gains with the miniature, and how far its pictures are from the exact ones. */
export async function shortcutRows(): Promise<readonly Row[]> {
  const exact = await draw({ name: 'exact', arithmetic: 'float32' });
  const rows: Row[] = [];
  for (const shortcut of shortcuts) {
    const { pictures, seconds } = await draw(shortcut);
    const likeness = await Promise.all(pictures.map((picture, i) => decibels(picture, exact.pictures[i] ?? picture)));
    const [least, most] = [Math.min(...likeness), Math.max(...likeness)];
    rows.push({
      name: `Miniature, ${shortcut.name}: a picture`,
      value: seconds,
      unit: 's',
      note: `exact ${exact.seconds.toFixed(2)} s; PSNR ${least.toFixed(1)} to ${most.toFixed(1)} dB over ${PROMPTS.length} pictures`,
    });
  }
  return rows;
}

/** The least time of a picture counts, after one that loads the model. */
function draw({ arithmetic, deepEvery }: Shortcut): Promise<{ pictures: readonly Uint8Array[]; seconds: number }> {
  return withMiniature(arithmetic, async ({ engine, task }) => {
    const one = (prompt: string) => engine.run(task({ prompt, ...(deepEvery && { deepEvery }) }));
    await one('warm up');
    const [pictures, seconds]: [Uint8Array[], number[]] = [[], []];
    for (const prompt of PROMPTS) {
      const start = performance.now();
      pictures.push((await one(prompt)).picture);
      seconds.push((performance.now() - start) / 1000);
    }
    return { pictures, seconds: Math.min(...seconds) };
  });
}
