/** One's own account: signing in, one's password. */
import { resource } from '@/ground/resource';

export default resource({
  name: 'account',
  pages: [
    { path: '/sign-in', name: 'sign_in', component: () => import('./SignIn.vue'), bare: true },
    { path: '/password', name: 'password', component: () => import('./Password.vue'), bare: true },
  ],
});
