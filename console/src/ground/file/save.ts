/** Saves what the server or the page has made as a file of the reader's. */
import { authorizedFetch, failure } from '@/api/client';

/** `name-202611210805.csv`, of this moment in UTC. */
export function stamped(name: string, ending: string, now = new Date()): string {
  return `${name}-${now.toISOString().slice(0, 16).replace(/[:T]/g, '')}.${ending}`;
}

/** Hands the browser a file. */
export function save(content: Blob, file: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = file;
  link.click();
  URL.revokeObjectURL(link.href);
}

/**
 * Fetches and saves.
 * @throws ApiError
 */
export async function download(path: string, file: string): Promise<void> {
  const answer = await authorizedFetch(new Request(new URL(path, location.origin)));
  if (!answer.ok) throw await failure(answer);
  save(await answer.blob(), file);
}
