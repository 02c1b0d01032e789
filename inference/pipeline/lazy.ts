/** A value that is made when it is first asked for and then kept. */
export interface Lazy<T> {
  (): Promise<T>;
  /** Whether it is made, or being made. */
  isMade(): boolean;
  /** The next call makes it anew. */
  forget(): void;
}

/** Makes a value when it is first asked for and then keeps it; a failure is not kept, so that the next call tries again. */
export function lazy<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  const get = (): Promise<T> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return Object.assign(get, {
    isMade: () => made !== undefined,
    forget: () => {
      made = undefined;
    },
  });
}

/** A value that is made of another one, and made anew when that is another than it was. */
export function following<A, B>(source: () => Promise<A>, make: (from: A) => Promise<B>): Lazy<B> {
  let last: { readonly from: A; readonly made: Lazy<B> } | undefined;
  const get = async (): Promise<B> => {
    const from = await source();
    if (last?.from !== from) last = { from, made: lazy(() => make(from)) };
    return last.made();
  };
  return Object.assign(get, {
    isMade: () => last?.made.isMade() ?? false,
    forget: () => {
      last = undefined;
    },
  });
}
