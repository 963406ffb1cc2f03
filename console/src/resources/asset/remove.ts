/** Deleting a pile's asset, with what follows from it. */
import { change } from '@/api/client';
import type { Schemas } from '@/api/types';
import { erase } from '@/ground/confirm/erase';

type Translate = (key: string, named?: Record<string, unknown>) => string;

/** Whether it was deleted. */
export function remove(
  asset: Pick<Schemas['AssetRow'], 'device_id' | 'timestamp' | 'name' | 'ass_name'>,
  t: Translate,
): Promise<boolean> {
  const { device_id, timestamp, name, ass_name } = asset;
  const question = {
    title: t('asset.deleteTitle', { name: ass_name || name }),
    consequences: [
      t('asset.deleteConsequences.list'),
      t('asset.deleteConsequences.kept'),
      ...(name ? [t('asset.deleteConsequences.again', { name })] : []),
    ],
    typed: name || undefined,
  };
  return erase(question, () => change('/asset/delete', { device_id, timestamp }));
}
