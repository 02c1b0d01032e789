/** What people can read on one platform, as far as a rule is about it. */
export interface Transcript {
  readonly platform: 'discord' | 'slack';
  /** Messages with finished pictures, by the job that their buttons name. */
  readonly sets: readonly { readonly job: string; readonly message: string; readonly pictures: number }[];
  /** Messages that say that a job is under way, and when they were posted: milliseconds since the epoch. */
  readonly placeholders: readonly { readonly job: string; readonly message: string; readonly at: number }[];
  /** Answers that were put off and never came: the event, and when that was. */
  readonly thinking: readonly { readonly event: string; readonly at: number }[];
}
