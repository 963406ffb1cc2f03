import { describe, expect, it } from 'vitest';
import type { Kind } from '@/ground/command/kinds';
import { asked, blank, filled, split, target } from './draft';

const field = (name: string, shape: string) => ({
  name,
  shape,
  required: false,
  least: null,
  most: null,
  choices: [],
  description: '',
  description_en: '',
});
const kind: Kind = {
  command: '更新主站',
  dangerous: true,
  allowed: true,
  description: '',
  description_en: '',
  fields: [field('服务器IP', 'text'), field('密码', 'secret')],
};

describe('the form for sending', () => {
  it('keeps passwords apart', () => {
    expect(split(kind, { 服务器IP: 'a', 密码: 'b' })).toEqual({
      fields: { 服务器IP: 'a' },
      secrets: { 密码: 'b' },
    });
  });

  it('does not ask for a password where many are meant', () => {
    expect(asked([kind], true)[0]!.fields.map((field) => field.name)).toEqual(['服务器IP']);
    expect(asked([kind], false)).toEqual([kind]);
  });

  it('knows to whom it goes', () => {
    expect(target(blank(0))).toBeNull();
    expect(target(blank(7))).toEqual({ device_ids: [7] });
    expect(target({ ...blank(7), many: true })).toBeNull();
    expect(target({ ...blank(7), many: true, selection: { model: 'DC' } })).toEqual({ model: 'DC' });
  });

  it('takes over what a link brought', () => {
    const draft = filled(
      { command: '更新主站', fields: { 服务器IP: 'a', 密码: '***' }, selection: { all: true } },
      [kind],
    );
    expect([draft.many, draft.selection, draft.fields]).toEqual([true, { all: true }, { 服务器IP: 'a' }]);
    expect(filled({ command: '没有', fields: {}, device_id: 3 }, [kind])).toEqual(blank(3));
  });
});
