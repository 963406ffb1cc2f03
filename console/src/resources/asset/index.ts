/** 充电桩: piles, as assets and as they are now. */
import { Cpu } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'asset',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/asset',
      name: 'asset',
      component: () => import('./List.vue'),
      permission: 'asset:read',
      menu: { group: 'watch', icon: Cpu, order: 4 },
    },
    {
      path: '/asset/:device_id(\\d+)',
      name: 'asset_detail',
      component: () => import('./Detail.vue'),
      permission: 'asset:read',
    },
  ],
  panels: [{ name: 'asset_keep', place: 'head', component: () => import('./Keep.vue'), order: 9 }],
});
