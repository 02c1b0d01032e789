import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Line, type WaitingJob } from '../../../bot/store/fair-share.ts';
import { type DrawingWorker, forecast, type Outlook } from '../../../bot/store/forecast.ts';

const idle = (slots: number): DrawingWorker => ({ slots, jobs: [] });
const share = { virtualSeconds: 0, turnAt: 0 };

/** Jobs that wait, in the order in which they were asked for. */
function look(workers: readonly DrawingWorker[], ...jobs: readonly Partial<WaitingJob>[]): Map<string, Outlook> {
  const waiting = jobs.map((job, index): WaitingJob => {
    const name = String(index).padStart(3, '0');
    return { id: name, guild: 'guild', user: `user ${name}`, priority: 0, seconds: 10, rounds: 10, ...job };
  });
  const guilds = [...new Set(waiting.map(({ guild }) => guild))].map((guild) => ({ guild, ...share, weight: 1 }));
  const members = guilds.flatMap(({ guild }) => {
    const users = waiting.filter((job) => job.guild === guild).map(({ user }) => user);
    return [...new Set(users)].map((user, turnAt) => ({ guild, user, ...share, turnAt }));
  });
  return new Map([...forecast(workers, new Line(guilds, members, waiting))].map((outlook) => [outlook.id, outlook]));
}

describe('a forecast', () => {
  it('of one job after the other is the sum of what goes before', () => {
    const ahead = look([idle(1)], {}, { seconds: 5 }, {});
    expect([...ahead.values()]).toEqual([
      { id: '000', place: 0, expectedSeconds: 10 },
      { id: '001', place: 1, expectedSeconds: 15 },
      { id: '002', place: 2, expectedSeconds: 25 },
    ]);
  });

  it('gives those who are drawn together a step each a round', () => {
    // 4 rounds of 1 + 3 s; then the longer one is alone, and has 6 rounds of 1 s to go.
    const ahead = look([idle(8)], { seconds: 10, rounds: 10 }, { seconds: 12, rounds: 4 });
    expect(ahead.get('001')?.expectedSeconds).toBeCloseTo(16);
    expect(ahead.get('000')?.expectedSeconds).toBeCloseTo(22);
  });

  it('counts what is left of what runs', () => {
    const running = { id: 'running', guild: 'guild', user: 'other', seconds: 20, rounds: 20, done: 0.5 };
    const ahead = look([{ slots: 1, jobs: [{ ...running, secondsSince: 5 }] }], {});
    expect(ahead.get('running')).toEqual({ id: 'running', place: 0, expectedSeconds: 5 });
    expect(ahead.get('000')?.expectedSeconds).toBeCloseTo(15);
    // Two share the engine: in 4 s either goes on by 2.
    const other = { ...running, id: 'other', done: 0.8, secondsSince: 4 };
    expect(
      look([{ slots: 2, jobs: [{ ...running, secondsSince: 4 }, other] }]).get('other')?.expectedSeconds,
    ).toBeCloseTo(4);
  });

  it('spreads the jobs over the workers, and draws one at a time of each member’s', () => {
    const [a, b] = [{ user: 'a' }, { user: 'b' }];
    expect([...look([idle(2), idle(2)], a, b).values()].map((each) => each.expectedSeconds)).toEqual([10, 10]);
    const [first, second] = [...look([idle(8)], a, a).values()];
    expect([first?.expectedSeconds, second?.expectedSeconds]).toEqual([10, 20]);
  });

  it('loses no time and no job, whoever waits', () => {
    const job = fc.record({
      guild: fc.constantFrom('a', 'b', 'c'),
      user: fc.constantFrom('1', '2', '3'),
      seconds: fc.integer({ min: 1, max: 100 }),
      rounds: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (jobs, slots) => {
        const ahead = [...look([idle(slots)], ...jobs).values()];
        expect(new Set(ahead.map(({ id }) => id)).size).toBe(jobs.length);
        expect(ahead.map(({ place }) => place).sort((a, b) => a - b)).toEqual(jobs.map((_, index) => index));
        const sum = jobs.reduce((total, { seconds }) => total + seconds, 0);
        expect(ahead.at(-1)?.expectedSeconds).toBeCloseTo(sum);
      }),
    );
  });

  it('lets a hundred jobs of one member delay another’s first by no more than steps beside it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 2, max: 8 }), (crowd, slots) => {
        const jobs = Array.from({ length: crowd }, () => ({ user: 'crowd' }));
        const ahead = look([idle(slots)], ...jobs, { user: 'newcomer' });
        const newcomer = ahead.get(String(crowd).padStart(3, '0'));
        expect(newcomer?.expectedSeconds).toBeCloseTo(20);
        expect(newcomer?.place).toBeLessThanOrEqual(1);
      }),
    );
  });
});
