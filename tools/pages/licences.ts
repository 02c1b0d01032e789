import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, or what the package says instead of one. */
  readonly licence: string;
}

/** Everything that an installation without development packages may hold, by package-lock.json, in order of names. */
export function productionPackages(lock: unknown): readonly LicensedPackage[] {
  return Object.entries(lockSchema.parse(lock).packages)
    .filter(([path, { dev = false }]) => path !== '' && !dev)
    .map(([path, { version = '', license = 'not stated' }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license,
    }))
    .sort((a, b) => (a.name === b.name ? compare(a.version, b.version) : compare(a.name, b.name)));
}

/** The page docs/licences.md. */
export function licencePage(packages: readonly LicensedPackage[]): string {
  const licences = [...new Set(packages.map(({ licence }) => licence))].sort(compare);
  const sections = licences.map((licence) => {
    const members = packages.filter((each) => each.licence === licence);
    const names = [...new Set(members.map(({ name, version }) => `${name} ${version}`))];
    return `## ${licence} (${names.length})\n\n${names.join(', ')}\n`;
  });
  return [HEAD, ...sections].join('\n');
}

const HEAD = `# Licences

Easel itself is MIT (\`LICENSE\`). The files in \`models/\` name theirs beside them. What follows is every package that an
installation without development packages may hold, as package-lock.json states it; of the platforms' own builds
(\`@img/sharp-*\`) a machine gets one. libvips, which sharp loads as a library of its own, is LGPL-3.0-or-later.

\`npm run pages\` writes this page.
`;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
