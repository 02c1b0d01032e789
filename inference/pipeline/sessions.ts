import { createSession, type GraphModel, type Session, type SessionOptions, type Signature } from '../graph/session.ts';
import { following, type Lazy, lazy } from './lazy.ts';

/** What was made ready for a set of networks, to be released together. */
export class Sessions {
  private readonly started: { release(): Promise<void> }[] = [];
  private readonly parts: { forget(): void }[] = [];

  /** Rejects with a SessionError. */
  async start<Inputs extends Signature, Output extends string>(
    model: GraphModel<Inputs, Output>,
    options: SessionOptions,
  ): Promise<Session<Inputs, Output>> {
    const session = await createSession(model, options);
    this.started.push(session);
    return session;
  }

  /** A part that is made when it is first asked for, and again after a release. */
  part<T>(make: () => Promise<T>): Lazy<T> {
    return this.remember(lazy(make));
  }

  /** The same for what is made of a part of others, which may be released before these are. */
  following<A, B>(source: () => Promise<A>, make: (from: A) => Promise<B>): Lazy<B> {
    return this.remember(following(source, make));
  }

  private remember<T>(part: Lazy<T>): Lazy<T> {
    this.parts.push(part);
    return part;
  }

  async release(): Promise<void> {
    for (const { forget } of this.parts) forget();
    await Promise.all(this.started.splice(0).map((session) => session.release()));
  }
}
