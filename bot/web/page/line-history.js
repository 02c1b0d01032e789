/**
 * Earlier lines by arrow up and down, as in a shell; what was being written comes back at the end.
 *
 * @param {() => readonly string[]} lines Oldest first.
 */
export function lineHistory(lines) {
  let back = 0;
  let draft = '';
  return {
    reset() {
      back = 0;
    },
    /**
     * The line that many steps from here; null where there is none.
     *
     * @param {1 | -1} direction 1: earlier.
     * @param {string} current
     */
    move(direction, current) {
      const distinct = lines().filter((line, index, all) => line !== all[index + 1]);
      const next = back + direction;
      if (next < 0 || next > distinct.length) return null;
      if (back === 0) draft = current;
      back = next;
      return back === 0 ? draft : (distinct[distinct.length - back] ?? null);
    },
  };
}
