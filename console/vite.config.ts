import { fileURLToPath, URL } from 'node:url';
import vue from '@vitejs/plugin-vue';
import Components from 'unplugin-vue-components/vite';
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the web API: `make run`'s default. */
const api = process.env.OPS_WEB_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/console/',
  plugins: [
    vue(),
    // Only what a page uses of Element Plus comes with it; its own components are imported by name.
    Components({ dirs: [], dts: 'src/components.d.ts', resolvers: [ElementPlusResolver()] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // Nothing may be written into the page itself: the content-security policy forbids inline scripts and data.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: true },
  server: { proxy: { '^/(?!console/)': { target: api, changeOrigin: true } } },
  // Element Plus imports its styles as it is loaded, which only Vite understands.
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    server: { deps: { inline: [/element-plus/] } },
  },
});
