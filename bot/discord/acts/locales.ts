import { Newest } from '../../newest.ts';

const REMEMBERED = 10_000;

/**
 * The languages (BCP 47) of people who have used a command or a button lately: a reaction does not tell its person's.
 */
export class Locales extends Newest<string, string> {
  constructor() {
    super(REMEMBERED);
  }
}
