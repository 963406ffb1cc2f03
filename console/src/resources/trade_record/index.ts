/** 充电记录: charges. */
import { Tickets } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'trade_record',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/trade_record',
      name: 'trade_record',
      component: () => import('./List.vue'),
      permission: 'trade_record:read',
      menu: { group: 'fault', icon: Tickets, order: 3 },
    },
  ],
});
