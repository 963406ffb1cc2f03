/** What can be done with a log: withdrawn, deleted, saved. */
import { useI18n } from 'vue-i18n';
import { change } from '@/api/client';
import { confirm } from '@/ground/confirm/confirm';
import { erase } from '@/ground/confirm/erase';
import { download } from '@/ground/file/save';
import { attempt } from '@/ground/form/attempt';
import { fileOf, type Log } from './states';

/** `changed` is called when the log is no longer as it was, or is gone. */
export function useDeeds(changed: (gone: boolean) => unknown) {
  const { t } = useI18n();

  async function cancel(log: Log): Promise<void> {
    const title = t('log.cancelTitle', { uuid: log.uuid });
    if (!(await confirm({ title, consequences: [], action: t('log.cancel') }))) return;
    await attempt(() => change('/log/cancel', { log_id: log.log_id }), t('log.cancelled'));
    changed(false);
  }

  async function remove(log: Log): Promise<void> {
    const title = t('log.deleteTitle', { file: log.file_name, uuid: log.uuid });
    const { log_id, timestamp } = log;
    const question = { title, consequences: [t('log.deleteGone')] };
    changed(await erase(question, () => change('/log/delete', { log_id, timestamp })));
  }

  const keep = (log: Log): Promise<boolean> =>
    attempt(
      () => download(`/log/download?log_id=${log.log_id}`, fileOf(log)),
      t('list.exported', { file: fileOf(log) }),
    );

  return { cancel, remove, keep };
}
