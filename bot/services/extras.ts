import type { ExtraService } from '../../commands/services.ts';
import type { ExtraStore } from '../store/store.ts';
import { rememberedFor } from './remembered.ts';

/** What workers offer changes when files come and go, not from one request to the next. */
const KEEP_MS = 5_000;

/** The LoRAs, embeddings and upscalers that the workers of now have. */
export function createExtraService(store: ExtraStore): ExtraService {
  return {
    loras: rememberedFor(KEEP_MS, () => store.available('lora')),
    embeddings: rememberedFor(KEEP_MS, () => store.available('embedding')),
    upscalers: rememberedFor(KEEP_MS, async () => (await store.available('upscaler')).map(({ name }) => name)),
    arithmetics: rememberedFor(KEEP_MS, async () => (await store.available('arithmetic')).map(({ name }) => name)),
  };
}
