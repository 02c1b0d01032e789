const REMEMBERED = 10_000;

/** The languages of people who have used a command or a button lately: a reaction does not tell its person's. */
export class Locales {
  private readonly known = new Map<string, string>();

  /** `locale` is BCP 47. */
  remember(user: string, locale: string): void {
    this.known.delete(user);
    this.known.set(user, locale);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= REMEMBERED) break;
      this.known.delete(oldest);
    }
  }

  of(user: string): string | undefined {
    return this.known.get(user);
  }
}
