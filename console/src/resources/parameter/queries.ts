/** What the pages of parameters ask for. */
import { useQuery } from '@pinia/colada';
import { read } from '@/api/client';
import type { Template } from './template';

/** Every template that one sees: there are few. */
export async function templates(): Promise<Template[]> {
  return (await read('/parameter/template/list', { page: 1, page_size: 500 })).items;
}

/** One of them; undefined if it is not there. */
export async function template(template_id: number): Promise<Template | undefined> {
  return (await templates()).find((one) => one.template_id === template_id);
}

export function useTemplate(template_id: () => number) {
  return useQuery({
    key: () => ['parameter/template', template_id()],
    query: async () => (await template(template_id())) ?? null,
    staleTime: 0,
  });
}
