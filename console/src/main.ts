import { createApp } from 'vue';
import { createPinia } from 'pinia';
import { PiniaColada } from '@pinia/colada';
// Before the theme, which gives its variables other values: else it comes again with the first component.
import 'element-plus/theme-chalk/base.css';
import 'element-plus/theme-chalk/dark/css-vars.css';
import '@/ground/theme/tokens.css';
import '@/ground/theme/form.css';
import '@/ground/theme/print.css';
import App from './App.vue';
import { useCredentials } from '@/api/client';
import { i18n, language, setLanguage } from '@/ground/i18n';
import { useSession } from '@/ground/session/store';
import { router } from './router';

const app = createApp(App);
app.use(createPinia()).use(PiniaColada).use(i18n).use(router);
const session = useSession();
useCredentials({ token: session.token, replace: session.replace, language });
setLanguage(language());
app.mount('#app');
