/** 角色: sets of permissions. */
import { Key } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'role',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/role',
      name: 'role',
      component: () => import('./List.vue'),
      permission: 'role:read',
      menu: { group: 'manage', icon: Key, order: 4 },
    },
  ],
});
