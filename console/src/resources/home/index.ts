/** 首页: the fleet at a glance. */
import { HomeFilled } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';
import { askAhead } from './queries';

export default resource({
  name: 'home',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/',
      name: 'home',
      component: () => import('./Home.vue'),
      permission: 'station:read',
      ahead: askAhead,
      menu: { group: 'watch', icon: HomeFilled, order: 1 },
    },
  ],
});
