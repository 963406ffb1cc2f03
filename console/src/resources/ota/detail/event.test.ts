import { expect, it } from 'vitest';
import { stepOfEvent } from './event';

const t = (key: string, named?: Record<string, unknown>): string =>
  [key, ...Object.values(named ?? {})].join(' ');
const event = (kind: string, action: string, outcome = '') =>
  stepOfEvent({ event_id: 1, event_time: 5, kind, action, source: 'connector', outcome, text: 'x' }, t);

it('tells what happened, and how bad it is', () => {
  expect(event('state', 'halted')).toMatchObject({ tone: 'bad', title: 'ota.event.state ota.state.halted' });
  expect(event('rail', 'fine').tone).toBe('good');
  expect(event('request', 'pause', 'refused')).toMatchObject({
    tone: 'bad',
    title: 'ota.event.request ota.ask.pause ota.outcome.refused',
  });
  expect(event('request', 'start').title).toContain('ota.outcome.open');
  expect(event('stage', 'soak').title).toBe('ota.event.soak');
});
