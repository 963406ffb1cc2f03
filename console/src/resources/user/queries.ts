/** What the pages of users ask for. */
import { useQuery } from '@pinia/colada';
import { read } from '@/api/client';
import type { Schemas } from '@/api/types';

/** The roles: few, so all at once. */
export function useRoles() {
  return useQuery({
    key: ['role/all'],
    query: async () => (await read('/role/list', { page: 1, page_size: 500 })).items,
    staleTime: 60_000,
  });
}

/** The names of the organizations that the reader sees, by id. */
export function useOrganizationNames() {
  return useQuery({
    key: ['organization/names'],
    query: async () => {
      const names = new Map<number, string>();
      const walk = (nodes: Schemas['OrganizationNode'][]): void =>
        nodes.forEach(({ organization, children }) => {
          names.set(organization.organization_id, organization.organization_name);
          walk(children);
        });
      walk(await read('/organization/tree'));
      return names;
    },
    staleTime: 60_000,
  });
}
