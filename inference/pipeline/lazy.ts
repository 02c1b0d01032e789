/** A value that is made when it is first asked for and then kept. */
export interface Lazy<T> {
  (): Promise<T>;
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
    forget: () => {
      made = undefined;
    },
  });
}
