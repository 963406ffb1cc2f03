/** 场站: how stations are now, each gun of them live, the wall of a control room, and the stations themselves. */
import { DataLine, Location, Monitor, OfficeBuilding } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'station',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/station',
      name: 'station',
      component: () => import('./Overview.vue'),
      permission: 'station:read',
      menu: { group: 'watch', icon: OfficeBuilding, order: 2 },
    },
    {
      path: '/monitor',
      name: 'monitor',
      component: () => import('./MonitorPage.vue'),
      permission: 'station:read',
      menu: { group: 'watch', icon: Monitor, order: 3 },
    },
    {
      path: '/station_list',
      name: 'station_list',
      component: () => import('./List.vue'),
      permission: 'station:read',
      menu: { group: 'manage', icon: Location, order: 5 },
    },
    {
      path: '/wall',
      name: 'wall',
      component: () => import('./Wall.vue'),
      permission: 'station:read',
      bare: true,
      menu: { group: 'watch', icon: DataLine, order: 5 },
    },
  ],
});
