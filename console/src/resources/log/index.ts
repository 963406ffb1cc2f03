/** 日志: files that piles were asked for, followed until they are here, read in the browser. */
import { Tickets } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'log',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/log',
      name: 'log',
      component: () => import('./List.vue'),
      permission: 'log:read',
      menu: { group: 'act', icon: Tickets, order: 5 },
    },
    {
      path: '/log/:log_id(\\d+)',
      name: 'log_detail',
      component: () => import('./reader/Reader.vue'),
      permission: 'log:read',
    },
  ],
  panels: [
    {
      name: 'log',
      place: 'tab',
      component: () => import('./Panel.vue'),
      permission: 'log:read',
      order: 3,
    },
  ],
});
