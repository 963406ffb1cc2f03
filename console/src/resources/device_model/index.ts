/** 设备型号: the models that piles may have. */
import { Box } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'device_model',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/device_model',
      name: 'device_model',
      component: () => import('./List.vue'),
      permission: 'device_model:read',
      menu: { group: 'manage', icon: Box, order: 6 },
    },
  ],
});
