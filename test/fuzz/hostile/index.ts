import type { Hold } from '../hold.ts';
import { fileHolds } from './files.ts';
import { pageHolds } from './page.ts';
import { pictureHolds } from './pictures.ts';
import { textHolds } from './texts.ts';

/** Every parser of the bot's process, with what is worst for it. To add one: its entry in one of these lists. */
export const holds: readonly Hold[] = [...fileHolds, ...pictureHolds, ...pageHolds, ...textHolds];
