/** 系统: how the services and what they depend on are. */
import { Setting } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'system',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/system',
      name: 'system',
      component: () => import('./SystemPage.vue'),
      permission: 'system:read',
      menu: { group: 'manage', icon: Setting, order: 9 },
    },
  ],
});
