/** Sends a sheet, and follows an import that goes on after its request is answered. */
import { ApiError, authorizedFetch, failure, read } from '@/api/client';
import type { Schemas } from '@/api/types';

export type Report = Schemas['Report'];
export type Progress = Schemas['Progress'];
/** The imports of the API: the second goes on as a job. */
export type ImportPath = '/station/import' | '/asset/import';

/** Between two looks at a job, ms. */
const PAUSE = 400;

async function post<T>(path: ImportPath, file: ArrayBuffer, dry_run: boolean): Promise<T> {
  const address = new URL(path, location.origin);
  address.searchParams.set('dry_run', String(dry_run));
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await authorizedFetch(new Request(address, { method: 'POST', headers, body: file })).catch(
    () => {
      throw new ApiError(0, '');
    },
  );
  if (!answer.ok) throw await failure(answer);
  return ((await answer.json()) as { data: T }).data;
}

/**
 * Imports a sheet, or only checks it.
 * @throws ApiError
 */
export async function send(
  path: ImportPath,
  file: ArrayBuffer,
  dry_run: boolean,
  tell: (progress: Progress) => void,
  begun: (import_id: string) => void,
): Promise<Report> {
  if (path === '/station/import') return post<Report>(path, file, dry_run);
  const { import_id } = await post<Schemas['Begun']>(path, file, dry_run);
  if (!dry_run) begun(import_id);
  return follow(import_id, tell);
}

/**
 * Follows a job to its end.
 * @throws ApiError
 */
export async function follow(import_id: string, tell: (progress: Progress) => void): Promise<Report> {
  for (;;) {
    const progress = await read('/asset/import/progress', { import_id });
    tell(progress);
    if (progress.stage === '失败') throw new ApiError(500, progress.reason);
    if (progress.stage === '完成' && progress.report) return progress.report;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
