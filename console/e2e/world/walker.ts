/** Somebody at a browser. */
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterEach, inject } from 'vitest';
import { ACCOUNTS, PASSWORD, type Role } from './people';
import { chromiumPath } from './places';
import { PATIENCE } from './wait';

/** What is open in this file's browsers. */
const pages = new Set<Page>();

// Where a walk has failed, its pages can be seen in console/screenshots/failed.
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const folder = join(import.meta.dirname, '../../screenshots/failed');
  const name = `${task.file.name}-${task.name}`.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80);
  for (const [nth, page] of [...pages].entries())
    await page
      .screenshot({ path: join(folder, `${name}-${nth}.png`), timeout: 30_000 })
      .catch(() => undefined);
});

/** One per file of walks. */
export class Walkers {
  private constructor(readonly browser: Browser) {}
  /** What pages complained of: errors of scripts, and refusals by the content-security policy. */
  readonly complaints: string[] = [];

  static async start(): Promise<Walkers> {
    return new Walkers(await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] }));
  }

  end(): Promise<void> {
    return this.browser.close();
  }

  /** A page that nobody has signed in on. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const size = { viewport: { width: 1366, height: 768 }, locale: 'zh-CN' };
    const context = await this.browser.newContext({ ...size, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    pages.add(page);
    page.on('close', () => pages.delete(page));
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A request that is refused, or that nobody answers, is part of a walk; a refused style or script is not.
      if (message.type() === 'error' && !/Failed to load resource|net::ERR/.test(message.text()))
        this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    return page;
  }

  /** A page on which somebody of this role has signed in. */
  async as(role: Role, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.page(options);
    await page.goto(inject('platform').base);
    await signIn(page, ACCOUNTS[role], PASSWORD);
    await page.waitForSelector('nav.menu');
    return page;
  }
}

/** Fills in the sign-in that is shown. */
export async function signIn(page: Page, account: string, password: string): Promise<void> {
  await page.fill('input[name=account]', account);
  await page.fill('input[name=password]', password);
  await page.click('form:has(input[name=password]) button[type=submit]');
}

/** Opens a page of the console by its path. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path.replace(/^\//, ''), inject('platform').base).href);
}

/** What axe finds serious on the page, or in the parts of it that are named, with the first place of each. */
export async function serious(page: Page, within?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const found = await (within ? axe.include(within) : axe).analyze();
  return found.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact ?? ''))
    .map(
      (violation) =>
        `${violation.id}: ${violation.nodes
          .map((node) => node.html)
          .slice(0, 3)
          .join(' | ')}`,
    );
}

/** Signs out elsewhere, which ends this session on the server. */
export async function endSession(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const refresh_token = localStorage.getItem('ops.refresh_token');
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('/auth/refresh', {
      method: 'POST',
      headers,
      body: JSON.stringify({ refresh_token }),
    });
    const token = (await answer.json()).data.access_token;
    await fetch('/auth/logout', {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: '{}',
    });
  });
}
