/** One measured figure. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  readonly note?: string;
}

/** As Markdown, so that it can go into the README as it is. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, value, unit, target = '', note = '' }) =>
      `| ${name} | ${format(value)} ${unit} ${note && `(${note})`} | ${target} |`,
  );
  return ['| what | measured | target |', '| --- | --- | --- |', ...lines].join('\n').replaceAll(/ +/g, ' ');
}

function format(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(3);
}
