/** Deleting something, the same way everywhere: what follows is named, then it is done, then it is said. */
import { attempt } from '@/ground/form/attempt';
import { i18n } from '@/ground/i18n';
import { confirm, type Question } from './confirm';

/** Whether it was deleted; `work` has it deleted. A list is read again either way: the row may have changed. */
export async function erase(
  question: Pick<Question, 'title' | 'consequences' | 'typed'>,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const { t } = i18n.global;
  const yes = await confirm({ ...question, danger: true, action: t('act.delete') });
  return yes && attempt(work, t('act.deleted'));
}
