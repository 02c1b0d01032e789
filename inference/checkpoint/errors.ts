/** A file or folder that cannot be used as a checkpoint: the message names it, what is wrong and, where there is one, the fix. */
export class CheckpointError extends Error {
  override readonly name: string = 'CheckpointError';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    const told = problem.length > MAX_PROBLEM ? `${problem.slice(0, MAX_PROBLEM)}…` : problem;
    super(`${path}: ${told}`, options);
    this.path = path;
  }
}

/** A problem quotes the file, and a hostile one is wrong at great length. */
const MAX_PROBLEM = 1_000;

/** A sound adapter of a kind that is not drawn with. */
export class UnreadAdapterError extends CheckpointError {
  override readonly name = 'UnreadAdapterError';
  /** "DoRA" */
  readonly kind: string;

  constructor(path: string, kind: string) {
    super(
      path,
      `this is an adapter of the kind ${kind}, which Easel does not draw with. Get it as a plain LoRA, LoHa or LoKr`,
    );
    this.kind = kind;
  }
}

/** A sound file that is something else than what was asked for, such as a Stable Diffusion 1.5 checkpoint or a pickle. */
export class UnsupportedModelError extends CheckpointError {
  override readonly name = 'UnsupportedModelError';
  /** What the file is, e.g. "a Flux model". */
  readonly found: string;

  constructor(path: string, found: string, fix: string) {
    super(path, `this is ${found}. ${fix}`);
    this.found = found;
  }
}
