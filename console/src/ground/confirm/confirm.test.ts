import { expect, it } from 'vitest';
import { asked, confirm } from './confirm';

it('asks one question at a time, and a forgotten one is no', async () => {
  const first = confirm({ title: 'a', consequences: [] });
  const second = confirm({ title: 'b', consequences: [] });
  expect(await first).toBe(false);
  expect(asked.value?.title).toBe('b');
  asked.value?.answer(true);
  expect(await second).toBe(true);
  expect(asked.value).toBeNull();
});
