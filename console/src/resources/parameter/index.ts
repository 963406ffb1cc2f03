/** 参数: what piles are set to, what they ought to be set to, and putting them right. */
import { Operation } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'parameter',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/parameter',
      name: 'parameter',
      component: () => import('./Templates.vue'),
      permission: 'parameter:read',
      menu: { group: 'act', icon: Operation, order: 2 },
    },
    {
      path: '/parameter/template/:template_id(\\d+)',
      name: 'parameter_comparison',
      component: () => import('./Comparison.vue'),
      permission: 'parameter:read',
    },
    {
      path: '/parameter/value',
      name: 'parameter_value',
      component: () => import('./Values.vue'),
      permission: 'parameter:read',
    },
  ],
  panels: [
    {
      name: 'parameter',
      place: 'tab',
      component: () => import('./OfPile.vue'),
      permission: 'parameter:read',
      order: 2,
    },
  ],
});
