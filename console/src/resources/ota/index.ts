/** 固件升级: packages, and the campaigns that bring them to piles. */
import { Upload } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'ota',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/ota',
      name: 'ota',
      component: () => import('./List.vue'),
      permission: 'ota:read',
      menu: { group: 'act', icon: Upload, order: 4 },
    },
    {
      path: '/ota/package',
      name: 'ota_package',
      component: () => import('./package/List.vue'),
      permission: 'ota:read',
    },
    {
      path: '/ota/new',
      name: 'ota_new',
      component: () => import('./wizard/New.vue'),
      permission: 'ota:write',
    },
    {
      path: '/ota/:campaign_id(\\d+)/edit',
      name: 'ota_edit',
      component: () => import('./wizard/Edit.vue'),
      permission: 'ota:write',
    },
    {
      path: '/ota/:campaign_id(\\d+)/:tab(piles|rail|events|plan|report)?',
      name: 'ota_detail',
      component: () => import('./detail/Detail.vue'),
      permission: 'ota:read',
    },
  ],
});
