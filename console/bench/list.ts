/** How long it takes from setting a filter until its rows are there. */
import type { Page } from 'playwright-core';

/** Filters of the list of piles: the name of the field, what is typed, and the column in which every row has it. */
const FILTERS: { label: string; typed: string; column: string }[] = [
  ...[7, 42, 99, 123, 250, 301, 388].map((n) => ({
    label: '合同号',
    typed: `HT-${n}`,
    column: '合同号',
  })),
  ...['DC-60', 'DC-120', 'DC-180', 'DC-240', 'AC-7'].map((model) => ({
    label: '型号',
    typed: model,
    column: '型号',
  })),
  ...['AAAAAXYZ', 'AAAAAMNO', 'AAAAAQRS', 'AAAAABCD', 'AAAAAHIJ'].map((uuid) => ({
    label: '桩编号',
    typed: uuid,
    column: '桩编号',
  })),
];

/** Each filter alone, the list being empty of filters before; ms from the key to the frame that shows the rows. */
export async function filterTimes(page: Page, console: string, assets: number): Promise<number[]> {
  const times: number[] = [];
  for (const filter of FILTERS) {
    await page.goto(`${console}asset`);
    await page.waitForSelector(`text=${assets.toLocaleString()}`);
    await page.waitForSelector('.el-table__row');
    const field = page.getByRole('search').getByLabel(filter.label, { exact: true });
    await field.fill(filter.typed);
    times.push(await page.evaluate(measure, filter));
  }
  return times;
}

/** In the page: lets the field's change be known as the Enter key does, and watches the rows. */
async function measure({ label, typed, column }: (typeof FILTERS)[number]): Promise<number> {
  const field = document.querySelector<HTMLInputElement>(`[role=search] input[aria-label="${label}"]`);
  const titles = [...document.querySelectorAll('.el-table__header th')].map((th) => th.textContent?.trim());
  const nth = titles.indexOf(column);
  if (!field || nth < 0) throw new Error(`no field ${label} or no column ${column} among ${titles}`);
  const there = (): boolean => {
    const rows = [...document.querySelectorAll('.el-table__row')];
    const total = document.querySelector('.total')?.textContent?.replace(/\D/g, '');
    return (
      rows.length > 0 &&
      Number(total) < 100_000 &&
      rows.every((row) => row.children[nth]?.textContent?.trim().startsWith(typed)) &&
      !document.querySelector('.table .el-loading-mask:not(.el-fade-in-leave-active)')
    );
  };
  if (there()) throw new Error(`${typed} was there before it was asked for`);
  const begun = performance.now();
  field.dispatchEvent(new Event('change', { bubbles: true }));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no rows of ${typed} within a minute`)), 60_000);
    const look = (): void => {
      if (!there()) return void requestAnimationFrame(look);
      clearTimeout(late);
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun), 0));
    };
    look();
  });
}
