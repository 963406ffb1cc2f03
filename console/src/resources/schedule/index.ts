/** 定时任务: commands that recur, and what each run has brought. */
import { AlarmClock } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'schedule',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/schedule',
      name: 'schedule',
      component: () => import('./List.vue'),
      permission: 'schedule:read',
      menu: { group: 'act', icon: AlarmClock, order: 3 },
    },
    {
      path: '/schedule/:schedule_id(\\d+)',
      name: 'schedule_runs',
      component: () => import('./Runs.vue'),
      permission: 'schedule:read',
    },
  ],
});
