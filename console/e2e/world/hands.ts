/** What hands do on a page of Element Plus. */
import type { Locator, Page } from 'playwright-core';

/** Chooses in a select: opens it, and clicks the entry with this text. */
export async function pick(page: Page, box: Locator, text: string): Promise<void> {
  await box.click();
  await page.locator('.el-select-dropdown__item:visible', { hasText: text }).first().click();
}

/** The question over the page. */
export const question = (page: Page): Locator => page.locator('.el-dialog:has(form.question)');

/** Answers the question with yes, having typed what it wants; gives what it said would follow. */
export async function agree(page: Page): Promise<string> {
  const asked = question(page);
  await asked.waitFor();
  const said = await asked.innerText();
  const [, word] = /“([^”]+)”以确认/.exec(said) ?? [];
  if (word) await asked.locator('input[name=confirm_typed]').fill(word);
  await asked.locator('button[type=submit]').click();
  await asked.waitFor({ state: 'detached' });
  return said;
}

/** Answers it with no; gives what it said would follow. */
export async function refuse(page: Page): Promise<string> {
  const asked = question(page);
  await asked.waitFor();
  const said = await asked.innerText();
  await asked.getByRole('button', { name: '取消' }).click();
  await asked.waitFor({ state: 'detached' });
  return said;
}
