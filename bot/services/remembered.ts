/** Asks at most once in so many milliseconds, and once for all who ask meanwhile; a failure is not remembered. */
export function rememberedFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly at: number; readonly value: Promise<T> } | null = null;
  return () => {
    const now = Date.now();
    if (answer !== null && now - answer.at < milliseconds) return answer.value;
    const value = ask();
    const asked = { at: now, value };
    answer = asked;
    value.catch(() => {
      if (answer === asked) answer = null;
    });
    return value;
  };
}
