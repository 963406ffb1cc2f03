/** Waiting for what must come. */

/** Longer than anything takes on a busy machine; a failure that comes late is better than one that is none. */
export const PATIENCE = Number(process.env.OPS_PATIENCE_S ?? 120) * 1000;

/** Asks every so often until there is an answer; an error meanwhile is a reason to ask again. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  within = PATIENCE,
): Promise<T> {
  const end = Date.now() + within;
  let last: unknown = 'nothing yet';
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what} did not come to pass in ${within / 1000} s: ${last}`);
}
