/** How the services are, together. Pure. */
import type { Schemas } from '@/api/types';

export type Service = Schemas['ServiceStatus'];
export type State = 'running' | 'impaired' | 'gone' | 'missing';

/** The services that make up the platform; one that has never spoken is shown as missing. */
export const EXPECTED = ['ops_tcu', 'register', 'connector', 'webserver'] as const;

export interface Row {
  name: string;
  state: State;
  service: Service | null;
  /** What does not work: dependency and reason. */
  wrong: [name: string, reason: string][];
}

/** A row per instance, in the order of the platform. */
export function rowsOf(services: Service[]): Row[] {
  const names = [...new Set([...EXPECTED, ...services.map(({ name }) => name)])];
  return names.flatMap((name): Row[] => {
    const own = services.filter((service) => service.name === name);
    if (!own.length) return [{ name, state: 'missing', service: null, wrong: [] }];
    return own.map((service) => {
      const wrong = Object.entries(service.checks).filter(([, said]) => said !== 'ok');
      const state = !service.is_alive ? 'gone' : wrong.length ? 'impaired' : 'running';
      return { name, state, service, wrong };
    });
  });
}

/** The sum of a figure over all instances that are alive; null if none tells it. */
export function total(services: Service[], figure: string): number | null {
  const told = services
    .filter(({ is_alive }) => is_alive)
    .map(({ figures }) => figures[figure])
    .filter((value): value is number => value !== undefined);
  return told.length ? told.reduce((sum, value) => sum + value, 0) : null;
}
