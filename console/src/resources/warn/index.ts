/** 告警: warnings. */
import { Bell } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'warn',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/warn',
      name: 'warn',
      component: () => import('./List.vue'),
      permission: 'warn:read',
      menu: { group: 'fault', icon: Bell, order: 2 },
    },
  ],
});
