/** 命令: what was asked of piles, one by one and many at once, and what became of it. */
import { Promotion } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'command',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/command',
      name: 'command',
      component: () => import('./List.vue'),
      permission: 'command:read',
      menu: { group: 'act', icon: Promotion, order: 1 },
    },
    {
      path: '/command/send',
      name: 'command_send',
      component: () => import('./Send.vue'),
      permission: 'command:write',
    },
    {
      path: '/command/batch',
      name: 'command_batches',
      component: () => import('./Batches.vue'),
      permission: 'command:read',
    },
    {
      path: '/command/batch/:batch_id(\\d+)',
      name: 'command_batch',
      component: () => import('./Batch.vue'),
      permission: 'command:read',
    },
  ],
  panels: [
    {
      name: 'command',
      place: 'tab',
      component: () => import('./OfPile.vue'),
      permission: 'command:read',
      order: 1,
    },
    {
      name: 'command_send',
      place: 'head',
      component: () => import('./SendButton.vue'),
      permission: 'command:read',
      order: 1,
    },
  ],
});
