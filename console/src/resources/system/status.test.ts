import { describe, expect, it } from 'vitest';
import { rowsOf, type Service, total } from './status';

const service = (name: string, given: Partial<Service> = {}): Service => ({
  name,
  instance: '1',
  version: '1',
  started: 1,
  at: 1,
  is_alive: true,
  checks: {},
  figures: {},
  ...given,
});

describe('the state of the system', () => {
  it('has a row for each instance, and for whoever has not spoken', () => {
    const rows = rowsOf([
      service('ops_tcu'),
      service('ops_tcu', { instance: '2', is_alive: false }),
      service('webserver', { checks: { redis: 'ok', mqtt: 'refused' } }),
    ]);
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['ops_tcu', 'running'],
      ['ops_tcu', 'gone'],
      ['register', 'missing'],
      ['connector', 'missing'],
      ['webserver', 'impaired'],
    ]);
    expect(rows[4]?.wrong).toEqual([['mqtt', 'refused']]);
  });

  it('adds up what living instances tell, and tells nothing from nobody', () => {
    const services = [
      service('ops_tcu', { figures: { online: 2 } }),
      service('ops_tcu', { figures: { online: 3 } }),
      service('ops_tcu', { figures: { online: 50 }, is_alive: false }),
    ];
    expect(total(services, 'online')).toBe(5);
    expect(total(services, 'rows_per_second')).toBeNull();
  });
});
