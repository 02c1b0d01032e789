/*
 * Files hold more than is drawn with: constants, the state of a training, what a merge left over. It is passed over, but for
 * what changes the meaning of the rest.
 */

/** Scales of weights that were rounded to float8, as ComfyUI, SD.cpp and others write them: without them the weights mean nothing. */
const SCALE = /(^|\.)(scaled_fp8|scale_weight|weight_scale|weight_scale_2|scale_input|input_scale|comfy_quant)$/;
const LAYER = /\.(weight|bias)$/;

/** Whether a tensor that no parameter is for makes a network draw something else. */
export function isScale(name: string): boolean {
  return SCALE.test(name);
}

/** The same for a UNet, where a layer more is another way to draw: an adapter for pictures, a distilled guidance. */
export function changesUnet(name: string): boolean {
  return SCALE.test(name) || LAYER.test(name);
}
