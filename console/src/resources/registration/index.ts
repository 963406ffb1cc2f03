/** 设备注册: TCUs that ask for a uuid, who registers without being asked about, and accounts at the broker. */
import { Postcard } from '@element-plus/icons-vue';
import { resource } from '@/ground/resource';

export default resource({
  name: 'registration',
  words: { zh: () => import('./zh'), en: () => import('./en') },
  pages: [
    {
      path: '/registration',
      name: 'registration',
      component: () => import('./List.vue'),
      permission: 'registration:read',
      menu: { group: 'manage', icon: Postcard, order: 1 },
    },
    {
      path: '/registration/tcu/:sn',
      name: 'registration_detail',
      component: () => import('./Detail.vue'),
      permission: 'registration:read',
    },
    {
      path: '/registration/allow_list',
      name: 'registration_allow_list',
      component: () => import('./AllowList.vue'),
      permission: 'registration:read',
    },
    {
      path: '/registration/open_access',
      name: 'registration_open_access',
      component: () => import('./OpenAccess.vue'),
      permission: 'registration:read',
    },
    {
      path: '/registration/account',
      name: 'registration_account',
      component: () => import('./Accounts.vue'),
      permission: 'broker_account:read',
    },
  ],
});
