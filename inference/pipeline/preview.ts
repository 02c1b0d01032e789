import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { encodePreview } from '../image/preview.ts';
import { latentToRgb } from '../sampling/preview.ts';
import type { Tensor } from '../tensor.ts';
import type { TaskContext } from './task.ts';

/** Shows what the model thinks the picture will be; takes a function, so that nothing is computed for nobody. */
export type ShowPreview = (predictedPicture: () => Tensor) => void;

/**
 * Previews of one picture: the predicted latent through a linear map, as a small JPEG. While one is being encoded the
 * next are passed over: a preview is worth nothing late, and must never hold up a step.
 */
export function createPreviewer(
  { vae }: Checkpoint,
  { previews, signal }: TaskContext,
  show: (jpeg: Uint8Array) => void,
): ShowPreview {
  let isBusy = false;
  return (predictedPicture) => {
    if (!previews || isBusy) return;
    isBusy = true;
    encodePreview(latentToRgb(predictedPicture(), vae.config))
      .then((jpeg) => {
        if (!signal.aborted) show(jpeg);
      })
      // A preview that fails is one that nobody sees; the picture itself will tell what is wrong.
      .catch(() => {})
      .finally(() => {
        isBusy = false;
      });
  };
}
