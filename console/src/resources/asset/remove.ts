/** Deleting a pile's asset, with what follows from it. */
import { change } from '@/api/client';
import type { Schemas } from '@/api/types';
import { confirm } from '@/ground/confirm/confirm';
import { attempt } from '@/ground/form/attempt';

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** Whether it was deleted. */
export async function remove(
  asset: Pick<Schemas['AssetRow'], 'device_id' | 'timestamp' | 'name' | 'ass_name'>,
  t: Translate,
): Promise<boolean> {
  const { device_id, timestamp, name, ass_name } = asset;
  const asked = await confirm({
    title: t('asset.deleteTitle', { name: ass_name || name }),
    consequences: [
      t('asset.deleteConsequences.list'),
      t('asset.deleteConsequences.kept'),
      ...(name ? [t('asset.deleteConsequences.again', { name })] : []),
    ],
    danger: true,
    typed: name || undefined,
    action: t('act.delete'),
  });
  return asked && attempt(() => change('/asset/delete', { device_id, timestamp }), t('act.deleted'));
}
