/** 操作记录: who changed what, when, from where. */
import { Memo } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'operation_record',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/operation_record',
      name: 'operation_record',
      component: () => import('./List.vue'),
      permission: 'operation_record:read',
      menu: { group: 'manage', icon: Memo, order: 8 },
    },
  ],
});
