import { defineConfigWithVueTs, vueTsConfigs } from '@vue/eslint-config-typescript';
import vue from 'eslint-plugin-vue';

export default defineConfigWithVueTs(
  { ignores: ['dist/', 'src/api/schema.d.ts', 'src/components.d.ts'] },
  vue.configs['flat/recommended'],
  vueTsConfigs.recommended,
  {
    rules: {
      // Layout is prettier's matter.
      'vue/max-attributes-per-line': 'off',
      'vue/html-self-closing': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/multi-word-component-names': 'off',
      'no-console': 'error',
    },
  },
  // A benchmark's figures are for who runs it.
  { files: ['bench/**'], rules: { 'no-console': 'off' } },
  {
    // The ground knows no resource, and a resource no other: dependencies point one way.
    files: ['src/ground/**', 'src/api/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@/resources/*'] }] },
  },
);
