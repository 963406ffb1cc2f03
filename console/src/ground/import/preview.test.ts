import { describe, expect, it } from 'vitest';
import { tableOf, template } from './preview';

const report = {
  preview: {
    titles: ['资产名称', 'uuid', '城市'],
    rows: [
      { row: 2, cells: ['好', 'AAAAAAAB'] },
      { row: 4, cells: ['坏', 'AAAAAAAB', '上海'] },
    ],
  },
  faults: [
    { row: 1, column: '城市', message: '未知列' },
    { row: 4, column: 'uuid', message: '重复' },
    { row: 4, column: '场站编号', message: '场站不存在' },
  ],
};

describe('the preview of a sheet', () => {
  it('puts what is wrong where it stands', () => {
    const table = tableOf(report, false);
    expect(table.general).toEqual(['城市：未知列']);
    expect(table.lines[0]).toEqual({
      row: 2,
      wrong: '',
      cells: [
        { text: '好', wrong: '' },
        { text: 'AAAAAAAB', wrong: '' },
        { text: '', wrong: '' },
      ],
    });
    expect(table.lines[1]?.cells[1]).toEqual({ text: 'AAAAAAAB', wrong: '重复' });
    expect(table.lines[1]?.wrong).toBe('场站编号：场站不存在');
  });

  it('leaves out what is sound', () => {
    expect(tableOf(report, true).lines.map(({ row }) => row)).toEqual([4]);
  });
});

describe('the template', () => {
  it('is a sheet that a spreadsheet opens', () => {
    expect(template(['名称', 'a"b'])).toBe('\ufeff名称,"a""b"\r\n');
  });
});
