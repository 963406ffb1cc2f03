/** Routes from the resources; who may go where; words before pages. */
import { createRouter, createWebHistory } from 'vue-router';
import { loadWords } from '@/ground/i18n';
import { offerPanels } from '@/ground/panel';
import { routesOf } from '@/ground/resource';
import { useSession } from '@/ground/session/store';
import { resources } from '@/resources';

offerPanels(resources);

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    ...resources.flatMap(routesOf),
    {
      path: '/:rest(.*)*',
      name: 'not_found',
      component: () => import('@/ground/state/DeadEnd.vue'),
      props: { why: 'notFound' },
    },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
});

router.beforeEach(async (to) => {
  const { resource, page } = to.meta;
  // The page's files come while the session is looked up; whether they came is asked where they are needed.
  void page?.component().catch(() => undefined);
  const words = resource?.words && loadWords(resource.name, resource.words);
  words?.catch(() => undefined);
  const session = useSession();
  let asked = false;
  const ahead = (): void => {
    asked = true;
    page?.ahead?.();
  };
  if (!session.signedIn) await session.resume(ahead).catch(() => undefined);
  const free = page?.name === 'sign_in';
  if (!session.signedIn && !free) return { name: 'sign_in', query: { to: to.fullPath } };
  if (session.me?.must_change_password && to.name !== 'password' && !free) {
    return { name: 'password', query: { to: to.fullPath } };
  }
  if (!asked && session.may(page?.permission)) ahead();
  await words;
  return true;
});
