/** 首页: the fleet at a glance. */
import { HomeFilled } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'home',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/',
      name: 'home',
      component: () => import('./Home.vue'),
      permission: 'station:read',
      menu: { group: 'watch', icon: HomeFilled, order: 1 },
    },
  ],
});
