import type { DailyUsage } from '../services.ts';

const WIDTH = 720;
const HEIGHT = 260;
const MARGIN = { left: 56, right: 16, top: 36, bottom: 32 };

/** Compute seconds a day as bars: an SVG drawing with a scale, first and last day. Days without usage are there too. */
export function usageChart(title: string, days: readonly string[], usage: readonly DailyUsage[]): string {
  const seconds = new Map(days.map((day) => [day, 0]));
  for (const { day, seconds: more } of usage) seconds.set(day, (seconds.get(day) ?? 0) + more);
  const values = days.map((day) => seconds.get(day) ?? 0);
  const top = niceTop(Math.max(...values, 1));
  const plot = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const y = (value: number): number => MARGIN.top + plot.height * (1 - value / top);
  const slot = plot.width / days.length;
  const bars = values.map((value, index) =>
    value === 0
      ? ''
      : `<rect x="${round(MARGIN.left + index * slot + slot * 0.15)}" y="${round(y(value))}" width="${round(slot * 0.7)}" height="${round((plot.height * value) / top)}" rx="2" fill="#5865f2"/>`,
  );
  const lines = [0, top / 2, top].map(
    (value) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="#d0d4da"/>` +
      `<text x="${MARGIN.left - 8}" y="${round(y(value)) + 4}" text-anchor="end">${value}</text>`,
  );
  const bottom = HEIGHT - 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" fill="#4a5058">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${MARGIN.left}" y="22" font-size="14" font-weight="bold">${escapeXml(title)}</text>`,
    ...lines,
    ...bars,
    `<text x="${MARGIN.left}" y="${bottom}">${days[0] ?? ''}</text>`,
    `<text x="${WIDTH - MARGIN.right}" y="${bottom}" text-anchor="end">${days.at(-1) ?? ''}</text>`,
    '</svg>',
  ].join('');
}

/** The scale's end: 1, 2, 5 or 10 times a power of ten, at or above the highest bar. */
function niceTop(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= highest) ?? highest;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
