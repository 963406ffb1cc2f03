/** Sends a form with a file, and tells how far it is: `fetch` cannot. */
import { ApiError, type Changeable, type Data, failure, spoken, withToken } from './client';

/**
 * `far` is told the share that has been sent, 0 to 1; `signal` gives it up.
 * @throws ApiError
 */
export async function upload<P extends Changeable>(
  path: P,
  form: FormData,
  far: (share: number) => void,
  signal?: AbortSignal,
): Promise<Data<P, 'post'>> {
  const send = (token: string | null): Promise<Response> => post(path, form, token, far, signal);
  const answer = await withToken(send, ({ status }) => status === 401);
  if (!answer.ok) throw await failure(answer);
  return ((await answer.json()) as { data: Data<P, 'post'> }).data;
}

function post(
  path: string,
  form: FormData,
  token: string | null,
  far: (share: number) => void,
  signal?: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    if (token) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('accept-language', spoken());
    request.upload.onprogress = ({ loaded, total }) => far(total ? loaded / total : 0);
    request.onload = () => resolve(answerOf(request));
    request.onerror = () => reject(new ApiError(0, ''));
    request.onabort = () => reject(new DOMException('', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}

/** As `fetch` would give it, with the one header that is looked at. */
function answerOf(request: XMLHttpRequest): Response {
  const after = request.getResponseHeader('retry-after');
  const headers = after ? { 'retry-after': after } : undefined;
  return new Response(request.responseText, { status: request.status, headers });
}
