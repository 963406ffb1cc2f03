/** 用户: people who sign in. */
import { User } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'user',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/user',
      name: 'user',
      component: () => import('./List.vue'),
      permission: 'user:read',
      menu: { group: 'manage', icon: User, order: 3 },
    },
  ],
});
