/** A template, from what a form holds to what the API takes. Pure. */
import { rows, type Setting } from '@/ground/command/fields';
import type { Schemas } from '@/api/types';

export type Template = Schemas['TemplateItem'];

export interface TemplateForm {
  template_id: number;
  timestamp: number;
  name: string;
  model: string;
  remark: string;
  items: Setting[];
}

export const BLANK: TemplateForm = {
  template_id: 0,
  timestamp: 0,
  name: '',
  model: '',
  remark: '',
  items: [{ name: '', value: '' }],
};

/** Parameters in the order of their names. */
export function itemsOf(template: Pick<Template, 'items'>): Setting[] {
  return Object.entries((template.items ?? {}) as Record<string, string>)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => a.name.localeCompare(b.name, 'zh'));
}

export function formOf(template: Template): TemplateForm {
  const { template_id, timestamp, name, model, remark } = template;
  return { template_id, timestamp, name, model, remark, items: itemsOf(template) };
}

/** A name that stands there twice; the second would silently replace the first. */
export function doubled(items: Setting[]): string | undefined {
  const names = rows(items).map((row) => row.name);
  return names.find((name, i) => names.indexOf(name) !== i);
}

/** The parameters as the API takes them. */
export function wanted(items: Setting[]): Record<string, string> {
  return Object.fromEntries(
    rows(items)
      .filter((row) => row.name !== '')
      .map((row) => [row.name, row.value]),
  );
}
