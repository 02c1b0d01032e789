import type { enQuota } from './en-quota.ts';

const number = (value: number): string => value.toLocaleString('de', { maximumFractionDigits: 2 });
const plural = (count: number, one: string, many: string): string => `${number(count)} ${count === 1 ? one : many}`;

const units = { pictures: ['Bild', 'Bilder'], seconds: ['Rechensekunde', 'Rechensekunden'] } as const;

const windows = {
  day: 'am Tag',
  month: 'im Monat',
  'rolling-day': 'in je 24 Stunden',
  'rolling-week': 'in je 7 Tagen',
  'rolling-month': 'in je 30 Tagen',
} as const;

/** What is said of quotas and of the other limits of requests, in German. */
export const deQuota: typeof enQuota = {
  title: 'Dein Kontingent',
  none: 'Kein Kontingent begrenzt hier, wie viel du zeichnest.',
  amount: (value, unit) => plural(value, units[unit][0], units[unit][1]),
  counted: ({ unit, window }) => `${units[unit][1]} ${windows[window]}`,
  limit: ({ amount, unit, window }) => `${deQuota.amount(amount, unit)} ${windows[window]}`,
  subject: { everyone: 'jedes Mitglied', role: 'deine Rolle', user: 'du', guild: 'alle Mitglieder zusammen' },
  state: (used, amount) =>
    `${number(used)} von ${number(amount)} verbraucht, ${number(Math.max(0, amount - used))} übrig`,
  resets: (at) => `beginnt neu um ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  cooldown: (seconds) => `${plural(seconds, 'Sekunde', 'Sekunden')} zwischen zwei Aufträgen`,
  concurrent: (count) => `Höchstens ${plural(count, 'Auftrag', 'Aufträge')} zugleich.`,
  waitFor: (seconds) => `Du kannst in ${plural(seconds, 'Sekunde', 'Sekunden')} wieder fragen.`,
  tooMany: (count) =>
    `Von dir ${count === 1 ? 'ist' : 'sind'} ${plural(count, 'Auftrag', 'Aufträge')} nicht fertig; mehr geht nicht zugleich.`,
  exceeded: (needed) => `Das bräuchte ${needed}, mehr als übrig ist.`,
};
