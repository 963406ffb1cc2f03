/** 组织: the tree of those who work with the platform, who belongs to them, and the stations they see. */
import { Share } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'organization',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/organization',
      name: 'organization',
      component: () => import('./OrganizationPage.vue'),
      permission: 'organization:read',
      menu: { group: 'manage', icon: Share, order: 2 },
    },
    {
      path: '/organization/:organization_id(\\d+)/distribution',
      name: 'distribution',
      component: () => import('./Distribution.vue'),
      permission: 'organization:read',
    },
  ],
});
