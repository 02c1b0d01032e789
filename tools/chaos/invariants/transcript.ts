/** What people can read on one platform, as far as a rule is about it. */
export interface Transcript {
  readonly platform: 'discord' | 'slack';
  /** Messages with finished pictures, by the job that their buttons name. */
  readonly sets: readonly { readonly job: string; readonly message: string; readonly pictures: number }[];
  /** Messages that say that a job is under way. */
  readonly placeholders: readonly { readonly job: string; readonly message: string }[];
  /** Answers that were put off and never came: the event, and milliseconds since the epoch. */
  readonly thinking: readonly { readonly event: string; readonly at: number }[];
}
