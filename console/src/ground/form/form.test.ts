import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick, ref } from 'vue';
import { ApiError } from '@/api/client';
import { kept, useDraft } from './draft';
import { differing, means, newKey, said } from './failure';

describe('what a refused form says', () => {
  it('names the field that a 422 is about', () => {
    const error = new ApiError(422, 'details.user_name：1到64字');
    expect(said(error, '')).toEqual({ field: 'details.user_name', text: '1到64字' });
    expect(said(new ApiError(422, 'sta_ids[3]: is no number'), '').field).toBe('sta_ids[3]');
  });

  it('says the rest of the whole', () => {
    expect(said(new ApiError(409, 'state：已存在'), '')).toEqual({ field: null, text: 'state：已存在' });
    expect(said(new ApiError(0, ''), 'offline')).toEqual({ field: null, text: 'offline' });
  });

  it('finds the field by its name, its path and its elements', () => {
    expect(means('details.user_name', 'user_name')).toBe(true);
    expect(means('sta_ids[3]', 'sta_ids')).toBe(true);
    expect(means('user_name', 'name')).toBe(false);
  });

  it('tells which fields differ', () => {
    expect(differing({ a: 1, b: [1], timestamp: 1 }, { a: 1, b: [2], timestamp: 2 })).toEqual(['b']);
  });

  it('makes keys that differ', () => {
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(newKey()).not.toBe(newKey());
  });
});

describe('a draft', () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    sessionStorage.clear();
  });

  it('is found again until it is saved', () => {
    const draft = useDraft('a', { name: '', note: '' });
    draft.values.value.name = '东区';
    const again = useDraft('a', { name: '', note: '' });
    expect([again.restored.value, again.values.value.name]).toEqual([true, '东区']);
    again.done();
    expect(useDraft('a', { name: '', note: '' }).restored.value).toBe(false);
  });

  it('is none when everything is as it was', () => {
    const draft = useDraft('a', { name: 'x' });
    draft.values.value.name = 'y';
    draft.values.value.name = 'x';
    expect(sessionStorage.length).toBe(0);
  });

  it('never keeps a secret', () => {
    const draft = useDraft('a', { name: '', password: '' }, ['password']);
    Object.assign(draft.values.value, { name: 'x', password: 'geheim' });
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('geheim');
    expect(useDraft('a', { name: '', password: '' }).values.value).toEqual({ name: 'x', password: '' });
  });

  it('takes what is read later, unless something has been typed', async () => {
    const row = ref({ name: 'old', timestamp: 1 });
    const draft = useDraft('a', row);
    row.value = { name: 'new', timestamp: 2 };
    await nextTick();
    expect(draft.values.value).toEqual({ name: 'new', timestamp: 2 });
    draft.values.value.name = 'mine';
    row.value = { name: 'newer', timestamp: 3 };
    await nextTick();
    expect(draft.values.value).toEqual({ name: 'mine', timestamp: 2 });
    draft.rebase(row.value, { name: 'mine' });
    expect(draft.values.value).toEqual({ name: 'mine', timestamp: 3 });
  });

  it('is another under another key', async () => {
    const key = ref('a');
    const draft = useDraft(key, () => ({ name: key.value }));
    draft.values.value.name = 'typed';
    key.value = 'b';
    await nextTick();
    expect(draft.values.value.name).toBe('b');
    key.value = 'a';
    await nextTick();
    expect([draft.values.value.name, draft.restored.value]).toEqual(['typed', true]);
  });

  it('is not misled by what it cannot read', () => {
    expect([kept('{'), kept('3'), kept(null), kept('{"values":1,"first":{}}')]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
