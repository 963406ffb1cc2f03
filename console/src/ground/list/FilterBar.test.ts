import { createApp, h, nextTick, ref } from 'vue';
import { expect, it } from 'vitest';
import { createI18n } from 'vue-i18n';
import FilterBar from './FilterBar.vue';

it('keeps what is typed until it is asked for', async () => {
  const asked = ref<Record<string, unknown>[]>([]);
  const bar = h(FilterBar, {
    filters: [{ key: 'uuid', kind: 'text' }],
    asked: {},
    label: (key: string) => key,
    onAsk: (change: Record<string, unknown>) => asked.value.push(change),
  });
  const place = document.createElement('div');
  createApp({ render: () => bar })
    .use(createI18n({ legacy: false, locale: 'zh', missingWarn: false, fallbackWarn: false }))
    .mount(place);
  const field = place.querySelector('input')!;
  field.value = 'AAAA';
  field.dispatchEvent(new Event('input'));
  await nextTick();
  await nextTick();
  expect(field.value).toBe('AAAA');
  field.dispatchEvent(new Event('change'));
  expect(asked.value).toEqual([{ uuid: 'AAAA' }]);
});
