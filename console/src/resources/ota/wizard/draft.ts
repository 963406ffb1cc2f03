/** A campaign while it is being prepared, and what is still missing from it. */
import type { Body } from '@/api/client';
import { isEmpty, type Selection, tidy } from '@/ground/pick/selection';
import { faults, type Plan, standard, whole } from '../plan';
import type { Campaign } from '../queries';

export interface CampaignDraft {
  /** The step that is shown: whoever comes back goes on there. */
  step: number;
  name: string;
  package_id: number | null;
  /** Shown where the package itself is not at hand. */
  version: string;
  rollback_package_id: number | null;
  rollback_version: string;
  selection: Selection;
  plan: Plan;
  /** Of a draft that is edited: its version and how many piles it has. */
  timestamp: number;
  total: number;
}

export const STEPS = ['package', 'piles', 'stages', 'when', 'rail', 'summary'] as const;

export function fresh(): CampaignDraft {
  return {
    step: 0,
    name: '',
    package_id: null,
    version: '',
    rollback_package_id: null,
    rollback_version: '',
    selection: {},
    plan: standard(),
    timestamp: 0,
    total: 0,
  };
}

/** A draft as it lies on the server. Its piles are known, what they were chosen by is not. */
export function draftOf(campaign: Campaign): CampaignDraft {
  return {
    ...fresh(),
    name: campaign.name,
    package_id: campaign.package_id,
    version: campaign.version,
    rollback_package_id: campaign.rollback_package_id || null,
    rollback_version: campaign.rollback_version,
    plan: whole(campaign.plan),
    timestamp: campaign.timestamp,
    total: campaign.total,
  };
}

/** What is sent to make it. */
export function added(draft: CampaignDraft): Body<'/ota/campaign/add'> {
  return {
    name: draft.name.trim(),
    package_id: draft.package_id ?? 0,
    ...(draft.rollback_package_id ? { rollback_package_id: draft.rollback_package_id } : {}),
    plan: draft.plan,
    selection: tidy(draft.selection),
  };
}

/** What is sent to change it; piles stay where none have been chosen anew. */
export function edited(campaign_id: number, draft: CampaignDraft): Body<'/ota/campaign/edit'> {
  return {
    campaign_id,
    timestamp: draft.timestamp,
    name: draft.name.trim(),
    package_id: draft.package_id ?? 0,
    rollback_package_id: draft.rollback_package_id ?? 0,
    plan: draft.plan,
    ...(isEmpty(draft.selection) ? {} : { selection: tidy(draft.selection) }),
  };
}

/** The step on which a field of the API is. */
export function stepOf(field: string): number {
  if (field.startsWith('selection')) return 1;
  if (!field.startsWith('plan')) return 0;
  if (/^plan\.(canary|stages|settled|control)/.test(field)) return 2;
  return /^plan\.(rail|failure)/.test(field) ? 4 : 3;
}

/** What keeps it from being saved: the field, and the key of the rule's words. */
export function lacks(draft: CampaignDraft, piles: number | null): { field: string; rule: string }[] {
  const found: { field: string; rule: string }[] = [];
  if (!draft.name.trim()) found.push({ field: 'name', rule: 'name' });
  if (!draft.package_id) found.push({ field: 'package_id', rule: 'package' });
  if (isEmpty(draft.selection) ? draft.total === 0 : piles === 0)
    found.push({ field: 'selection', rule: 'piles' });
  return [...found, ...faults(draft.plan)];
}
