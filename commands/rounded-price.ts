/** Compute seconds as people compare them: to a tenth, below one to a hundredth. */
export function roundedPrice(seconds: number): number {
  return Math.round(seconds * (seconds < 1 ? 100 : 10)) / (seconds < 1 ? 100 : 10);
}
