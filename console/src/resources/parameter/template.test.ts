import { describe, expect, it } from 'vitest';
import { doubled, formOf, wanted, type Template } from './template';

const template = {
  template_id: 7,
  timestamp: 3,
  name: '直流',
  model: 'DC-120',
  remark: '',
  created_by: 'a',
  organization_id: 0,
  items: { 上报间隔: '30', 充电上限: '200' },
} as unknown as Template;

describe('a template', () => {
  it('goes into a form and comes back as it was', () => {
    const form = formOf(template);
    expect(form.items).toHaveLength(2);
    expect(wanted(form.items)).toEqual(template.items);
  });

  it('leaves out empty rows and tells a name that stands twice', () => {
    const items = [
      { name: ' a ', value: '1' },
      { name: '', value: '' },
      { name: 'b', value: '' },
    ];
    expect(wanted(items)).toEqual({ a: '1', b: '' });
    expect(doubled(items)).toBeUndefined();
    expect(doubled([...items, { name: 'a', value: '2' }])).toBe('a');
  });
});
