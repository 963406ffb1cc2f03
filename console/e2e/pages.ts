/** Every page of the console that can be opened by its address, as the menu has them and what hangs below. */
import type { Page } from 'playwright-core';

/** Paths below `/console/`, `/` being the home page: those of the menu, in its order. */
export async function menuPaths(page: Page): Promise<string[]> {
  const links = await page
    .locator('nav.menu section a')
    .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).pathname.replace(/^\/console/, '')));
  return [...new Set(links)];
}

/** Waits until nothing is being read any more and what was read is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('main, .wall, form');
  await page.waitForFunction(
    () =>
      !document.querySelector('.el-loading-mask:not(.el-fade-in-leave-active)') &&
      !document.querySelector('.el-skeleton') &&
      (document.querySelector('main, .wall, form')?.textContent?.trim().length ?? 0) > 0,
  );
  // Entries slide in and fade: a colour in between is nobody's.
  await page.waitForTimeout(600);
}
