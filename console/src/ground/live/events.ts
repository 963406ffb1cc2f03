/** Server-sent events over fetch, because the browser's own EventSource cannot carry a token. */
import { onScopeDispose, ref } from 'vue';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { authorizedFetch, failure } from '@/api/client';

/** Pauses before connecting again, ms: growing, never longer than the last. */
const PAUSES = [500, 1_000, 2_000, 5_000, 10_000];

/** A connection on which nothing has come for this long, ms, is none: the server lets hear of itself every 15 s. */
const SILENCE = 50_000;

export type Hear = (event: string, data: unknown) => void;

/** Follows a stream until the component goes; `connected` tells whether what is shown is of now. */
export function useEvents(address: () => string, hear: Hear) {
  const connected = ref(false);
  const error = ref<unknown>(null);
  let ended = false;
  let tries = 0;
  let abort = new AbortController();

  async function follow(): Promise<void> {
    abort = new AbortController();
    const request = new Request(new URL(address(), location.origin), { signal: abort.signal });
    const answer = await authorizedFetch(request);
    if (!answer.ok || !answer.body) throw await failure(answer);
    connected.value = true;
    error.value = null;
    tries = 0;
    const mine = abort;
    let silent: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(silent);
      silent = setTimeout(() => mine.abort(), SILENCE);
    };
    heard();
    try {
      const events = answer.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream({ onComment: heard }));
      const reader = events.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        heard();
        hear(next.value.event ?? 'message', JSON.parse(next.value.data || 'null'));
      }
    } finally {
      clearTimeout(silent);
    }
  }

  async function run(): Promise<void> {
    while (!ended) {
      try {
        await follow();
      } catch (problem) {
        if (!abort.signal.aborted) error.value = problem;
      }
      connected.value = false;
      if (!ended) await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(tries++, 4)]));
    }
  }

  /** Another address: connects anew. */
  function restart(): void {
    tries = 0;
    abort.abort();
  }
  onScopeDispose(() => {
    ended = true;
    abort.abort();
  });
  void run();
  return { connected, error, restart };
}
