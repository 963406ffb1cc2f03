/**
 * The two languages. The ground's words come with the program; a resource's words are loaded with its pages.
 */
import { createI18n } from 'vue-i18n';
import type { WritableComputedRef } from 'vue';
import zh from './zh';
import en from './en';

export type Language = 'zh' | 'en';
/** A resource's words: loaded once, when one of its pages is first shown. */
export type Words = Record<Language, () => Promise<{ default: object }>>;

const STORED = 'ops.language';

function first(): Language {
  return localStorage.getItem(STORED) === 'en' ? 'en' : 'zh';
}

export const i18n = createI18n({
  legacy: false,
  locale: first(),
  fallbackLocale: 'zh',
  messages: { zh, en },
  missingWarn: import.meta.env.DEV,
});

// Words of resources come later, so the type of all words is not known here.
const locale = i18n.global.locale as unknown as WritableComputedRef<Language>;
const loaded = new Set<Words>();

/** Loads both languages of a resource, so that changing the language needs no loading. */
export async function loadWords(name: string, words: Words): Promise<void> {
  if (loaded.has(words)) return;
  await Promise.all(
    (['zh', 'en'] as const).map(async (language) => {
      const messages = await words[language]();
      i18n.global.mergeLocaleMessage(language, { [name]: messages.default });
    }),
  );
  loaded.add(words);
}

export function language(): Language {
  return locale.value;
}

/** Words one after the other, as the language separates them. */
export function joined(words: string[]): string {
  return words.join(language() === 'zh' ? '、' : ', ');
}

export function setLanguage(to: Language): void {
  locale.value = to;
  localStorage.setItem(STORED, to);
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
}
