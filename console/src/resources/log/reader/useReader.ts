/** Reads a log piece by piece, holds some of it, and finds times in it. */
import { computed, ref, shallowRef } from 'vue';
import { read } from '@/api/client';
import { firstTime, seek } from './time';
import { append, AT_ONCE, before, behind, linesOf, type Piece, prepend } from './window';

export function useReader(log_id: () => number) {
  const pieces = shallowRef<Piece[]>([]);
  const lines = computed(() => linesOf(pieces.value));
  const busy = ref(false);
  const error = ref<unknown>(null);
  /** Another place was asked for meanwhile: what is still coming is not wanted. */
  let turn = 0;

  const view = (chunk: number, count: number): Promise<Piece> =>
    read('/log/view', { log_id: log_id(), chunk, count });

  async function guarded(work: (mine: number) => Promise<void>): Promise<void> {
    const mine = turn;
    busy.value = true;
    try {
      await work(mine);
      if (mine === turn) error.value = null;
    } catch (problem) {
      if (mine === turn) error.value = problem;
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  /** Goes to a chunk. */
  async function open(chunk: number): Promise<void> {
    turn += 1;
    await guarded(async (mine) => {
      const piece = await view(chunk, AT_ONCE);
      if (mine === turn) pieces.value = [piece];
    });
  }

  /** Reads on; by how many lines what was there has moved, which is none or less. */
  async function later(): Promise<number> {
    const more = behind(pieces.value);
    if (!more || busy.value) return 0;
    let moved = 0;
    await guarded(async (mine) => {
      const piece = await view(more.chunk, more.count);
      if (mine !== turn) return;
      const [had, all] = [lines.value.length, linesOf([...pieces.value, piece]).length];
      pieces.value = append(pieces.value, piece);
      moved = had > 0 ? lines.value.length - all : 0;
    });
    return moved;
  }

  /** Reads what comes before; by how many lines what was there has moved. */
  async function earlier(): Promise<number> {
    const more = before(pieces.value);
    if (!more || busy.value) return 0;
    let moved = 0;
    await guarded(async (mine) => {
      const piece = await view(more.chunk, more.count);
      if (mine !== turn) return;
      const had = lines.value.length;
      moved = linesOf([piece, ...pieces.value]).length - had;
      pieces.value = prepend(pieces.value, piece);
    });
    return moved;
  }

  /** The chunk in which a time is to be found. */
  function chunkOf(chunks: number, wanted: string): Promise<number> {
    return seek(chunks, wanted, async (chunk) => firstTime(linesOf([await view(chunk, 1)])));
  }

  return { pieces, lines, busy, error, open, later, earlier, chunkOf };
}
