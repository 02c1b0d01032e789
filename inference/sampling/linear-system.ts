import { elementAt } from './vector.ts';

/** Solves a small system of linear equations by Gaussian elimination with partial pivoting. */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, elementAt(right, i)]);
  const at = (row: number, column: number): number => elementAt(elementAt(rows, row), column);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(at(row, column)) > Math.abs(at(pivot, column))) pivot = row;
    }
    const pivotRow = elementAt(rows, pivot);
    rows[pivot] = elementAt(rows, column);
    rows[column] = pivotRow;
    for (let row = column + 1; row < size; row++) {
      const factor = at(row, column) / at(column, column);
      rows[row] = elementAt(rows, row).map((value, k) => value - factor * at(column, k));
    }
  }
  const solution: number[] = [];
  for (let row = size - 1; row >= 0; row--) {
    const known = solution.reduce((sum, value, k) => sum + value * at(row, row + 1 + k), 0);
    solution.unshift((at(row, size) - known) / at(row, row));
  }
  return solution;
}
