/**
 * The quantile of the symmetric beta distribution with both shapes `shape` > 0: the x at which its cumulative
 * distribution is `probability`.
 */
export function betaQuantile(probability: number, shape: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  // By symmetry only the half is searched where the series converges fast.
  if (probability > 0.5) return 1 - betaQuantile(1 - probability, shape);
  const target = probability * 2 * incompleteBeta(0.5, shape);
  let [low, high] = [0, 0.5];
  for (let bit = 0; bit < 60; bit++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, shape) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** B_x(a, a), the integral of t^(a-1) (1-t)^(a-1) from 0 to x, for x <= 1/2 by its power series (DLMF 8.17.7). */
function incompleteBeta(x: number, shape: number): number {
  let power = 1;
  let sum = 1 / shape;
  for (let k = 1; Math.abs(power) > 1e-17; k++) {
    power *= (x * (k - shape)) / k;
    sum += power / (shape + k);
  }
  return x ** shape * sum;
}
