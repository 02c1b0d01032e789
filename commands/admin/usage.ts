import { defineCommand } from '../command.ts';
import { type Messages, messagesFor } from '../locale/index.ts';
import type { DailyUsage } from '../services.ts';
import { usageChart } from './usage-chart.ts';

const DAY = 86_400_000;
const SHOWN_MEMBERS = 15;

export const usage = defineCommand({
  name: 'easel-admin usage',
  description: 'Show who drew how much: a chart and a table',
  options: { days: { type: 'integer', min: 1, max: 90, description: 'Of the last so many days; 30 by default' } },
  permission: 'admin',
  async run(request, { days: count = 30 }, services) {
    const messages = messagesFor(request.actor.locale);
    const texts = messages.admin.usage;
    const now = services.now();
    const days = Array.from({ length: count }, (_, index) => dayOf(now.getTime() - (count - 1 - index) * DAY));
    const from = new Date(`${days[0]}T00:00:00Z`);
    const rows = await services.usage.daily({ guild: request.origin.guild, from, to: new Date(now.getTime() + 1) });
    const message = { kind: 'message', visibility: 'private', title: texts.title(count) } as const;
    if (rows.length === 0) return { ...message, text: texts.empty };
    const chart = await services.drawSvg(usageChart(texts.chart, days, rows));
    return {
      ...message,
      text: usageTable(rows, messages),
      mentions: rows.map(({ user }) => ({ kind: 'user', id: user })),
      file: { name: 'usage.png', contentType: 'image/png', bytes: chart },
    };
  },
});

/** The members by compute seconds, most first, and the sum. */
function usageTable(rows: readonly DailyUsage[], { admin }: Messages): string {
  const members = new Map<string, { pictures: number; seconds: number }>();
  const total = { pictures: 0, seconds: 0 };
  for (const { user, pictures, seconds } of rows) {
    const member = members.get(user) ?? { pictures: 0, seconds: 0 };
    members.set(user, { pictures: member.pictures + pictures, seconds: member.seconds + seconds });
    total.pictures += pictures;
    total.seconds += seconds;
  }
  const sorted = [...members].sort(([, a], [, b]) => b.seconds - a.seconds);
  return [
    admin.usage.total(total.pictures, total.seconds),
    ...sorted.slice(0, SHOWN_MEMBERS).map(([user, sums]) => admin.usage.row(user, sums.pictures, sums.seconds)),
    ...(sorted.length > SHOWN_MEMBERS ? [admin.usage.others(sorted.length - SHOWN_MEMBERS)] : []),
  ].join('\n');
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
