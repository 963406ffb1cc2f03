import { describe, expect, it } from 'vitest';
import { assemble, draftOf, fault, sound } from './fields';
import { grouped, type Field, type Kind } from './kinds';

const field = (name: string, shape: string, required = false, more: Partial<Field> = {}): Field => ({
  name,
  shape,
  required,
  least: null,
  most: null,
  choices: [],
  description: '',
  description_en: '',
  ...more,
});

const FIELDS = [
  field('延时_秒', 'number', false, { least: 0, most: 600 }),
  field('配置列表', 'settings', true),
  field('密码', 'secret'),
  field('子设备编号', 'texts'),
  field('uuid', 'uuid'),
];

describe('the fields of a command', () => {
  it('leaves out what was not entered, and keeps a zero', () => {
    const draft = {
      延时_秒: 0,
      配置列表: [
        { name: ' 上限 ', value: ' 30 ' },
        { name: '', value: '' },
      ],
      密码: '',
      子设备编号: [' ', 'a', 'a'],
    };
    expect(assemble(FIELDS, draft)).toEqual({
      延时_秒: 0,
      配置列表: [{ 名称: '上限', 值: '30' }],
      子设备编号: ['a'],
    });
    expect(sound(FIELDS, draft)).toBe(true);
  });

  it('says what is wrong, and where', () => {
    const twice = [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ];
    expect(fault(FIELDS[0]!, { 延时_秒: 601 })).toEqual({ word: 'number', named: { least: 0, most: 600 } });
    expect(fault(FIELDS[0]!, { 延时_秒: 1.5 })?.word).toBe('number');
    expect(fault(FIELDS[1]!, {})?.word).toBe('required');
    expect(fault(FIELDS[1]!, { 配置列表: twice })).toEqual({ word: 'twice', named: { name: 'a' } });
    expect(fault(FIELDS[1]!, { 配置列表: [{ name: '', value: '1' }] })?.word).toBe('required');
    expect(fault(FIELDS[4]!, { uuid: 'aaaaaaab' })?.word).toBe('uuid');
    expect(fault(field('系统时间', 'time'), { 系统时间: '2026-01-31 08:00:00' })?.word).toBe('time');
  });

  it('comes back as it went, but for passwords', () => {
    const draft = { 配置列表: [{ name: 'a', value: '1' }], 密码: 'x', 延时_秒: 5 };
    const sent = { ...assemble(FIELDS, draft), 密码: '***' };
    expect(draftOf(FIELDS, sent)).toEqual({ 配置列表: [{ name: 'a', value: '1' }], 延时_秒: 5 });
    const names = field('配置列表', 'names');
    expect(draftOf([names], { 配置列表: [{ 名称: 'a', 值: '' }] })).toEqual({ 配置列表: ['a'] });
  });
});

it('puts a command that nobody has sorted under the last group', () => {
  const kind = (command: string): Kind => ({
    command,
    description: '',
    description_en: '',
    dangerous: false,
    allowed: true,
    fields: [],
  });
  expect(grouped([kind('新命令'), kind('对时')]).map((part) => [part.group, part.kinds.length])).toEqual([
    ['configure', 1],
    ['maintain', 1],
  ]);
});
