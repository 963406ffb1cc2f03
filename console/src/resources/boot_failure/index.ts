/** 启动失败: charges that failed to start. */
import { CircleClose } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'boot_failure',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/boot_failure',
      name: 'boot_failure',
      component: () => import('./List.vue'),
      permission: 'boot_failure:read',
      menu: { group: 'fault', icon: CircleClose, order: 1 },
    },
  ],
});
