/**
 * What somebody is filling in. It is kept in the browser's tab until it has been saved, so that leaving the page asks
 * nothing and loses nothing: whoever comes back finds it, and may throw it away.
 */
import { computed, type MaybeRefOrGetter, type Ref, ref, toValue, watch } from 'vue';
import { useSession } from '@/ground/session/store';

export interface Draft<T extends object> {
  /** What the fields show and change. */
  values: Ref<T>;
  /** Whether this was found from before. */
  restored: Ref<boolean>;
  /** Whether it differs from what was there at first. */
  changed: Ref<boolean>;
  /** Takes what is there by now in place of what was there at first, and of what has been typed unless told so. */
  rebase(fresh: T, keep?: Partial<T>): void;
  /** Throws away what has been typed. */
  discard(): void;
  /** Forgets it: it has been saved. The fields begin anew. */
  done(): void;
}

interface Kept<T> {
  first: T;
  values: T;
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What was kept; none if there is nothing that could be read. */
export function kept<T extends object>(text: string | null): Kept<T> | null {
  try {
    const found = JSON.parse(text ?? 'null') as Kept<T> | null;
    return found && typeof found.values === 'object' && typeof found.first === 'object' ? found : null;
  } catch {
    return null;
  }
}

/**
 * A draft under a key of its own, such as `station.7` or `station.new`. `initial` is what is there before anything is
 * typed; fields named in `secret` (passwords) are never kept. Another key is another draft.
 */
export function useDraft<T extends object>(
  key: MaybeRefOrGetter<string>,
  initial: MaybeRefOrGetter<T>,
  secret: (keyof T)[] = [],
): Draft<T> {
  const session = useSession();
  const place = computed(() => `ops.draft.${session.me?.user_id ?? 0}.${toValue(key)}`);
  const first = ref(copy(toValue(initial))) as Ref<T>;
  const values = ref(copy(toValue(initial))) as Ref<T>;
  const restored = ref(false);
  const changed = computed(() => !same(values.value, first.value));

  function begin(): void {
    const found = kept<T>(sessionStorage.getItem(place.value));
    restored.value = found !== null;
    first.value = found ? found.first : copy(toValue(initial));
    values.value = found ? { ...copy(first.value), ...found.values } : copy(first.value);
  }
  begin();
  watch(place, begin, { flush: 'sync' });
  // What was read may come, or change, after the page is there; what has been typed stays.
  watch(
    () => JSON.stringify(toValue(initial)),
    () => {
      if (!changed.value) begin();
    },
  );
  watch(
    values,
    () => {
      if (!changed.value) return sessionStorage.removeItem(place.value);
      const typed: Partial<T> = { ...values.value };
      for (const field of secret) delete typed[field];
      sessionStorage.setItem(place.value, JSON.stringify({ first: first.value, values: typed }));
    },
    { deep: true, flush: 'sync' },
  );

  function rebase(fresh: T, keep: Partial<T> = {}): void {
    first.value = copy(fresh);
    values.value = { ...copy(fresh), ...copy(keep) };
    restored.value = false;
  }
  function discard(): void {
    sessionStorage.removeItem(place.value);
    rebase(toValue(initial));
  }
  return { values, restored, changed, rebase, discard, done: discard };
}
