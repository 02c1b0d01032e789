/** A binary heap of numbers: the smallest comes out first. */
export class MinHeap {
  private readonly values: number[] = [];

  push(value: number): void {
    const { values } = this;
    let index = values.push(value) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentValue = values[parent] ?? value;
      if (parentValue <= value) break;
      values[index] = parentValue;
      index = parent;
    }
    values[index] = value;
  }

  /** Removes and returns the smallest value; undefined when empty. */
  pop(): number | undefined {
    const { values } = this;
    const smallest = values[0];
    const value = values.pop();
    if (smallest === undefined || value === undefined || values.length === 0) return smallest;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const leftValue = values[left] ?? Infinity;
      const rightValue = values[left + 1] ?? Infinity;
      const child = rightValue < leftValue ? left + 1 : left;
      const childValue = Math.min(leftValue, rightValue);
      if (childValue >= value) break;
      values[index] = childValue;
      index = child;
    }
    values[index] = value;
    return smallest;
  }
}
