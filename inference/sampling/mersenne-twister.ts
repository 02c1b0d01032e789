const SIZE = 624;
const MIDDLE = 397;

/** The 32-bit Mersenne Twister, mt19937 (Matsumoto and Nishimura, 1998), seeded as in the authors' 2002 revision. */
export class MersenneTwister {
  private readonly state = new Uint32Array(SIZE);
  private next = SIZE;

  /** Only the low 32 bits of the seed count. */
  constructor(seed: number) {
    const { state } = this;
    state[0] = Number(BigInt(seed) & 0xffffffffn);
    for (let i = 1; i < SIZE; i++) {
      const previous = state[i - 1] ?? 0;
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next word, uniform over 0 ... 2^32 - 1. */
  nextWord(): number {
    if (this.next === SIZE) this.refill();
    let word = this.state[this.next++] ?? 0;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  private refill(): void {
    const { state } = this;
    for (let i = 0; i < SIZE; i++) {
      const high = (state[i] ?? 0) & 0x80000000;
      const low = (state[(i + 1) % SIZE] ?? 0) & 0x7fffffff;
      const mixed = high | low;
      const twist = mixed & 1 ? 0x9908b0df : 0;
      state[i] = (state[(i + MIDDLE) % SIZE] ?? 0) ^ (mixed >>> 1) ^ twist;
    }
    this.next = 0;
  }
}
