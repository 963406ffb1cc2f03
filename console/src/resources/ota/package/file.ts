/** What can be said of a file before it is sent; the server says the rest. */

/** The largest package, bytes. */
export const LARGEST = 64 * 1024 * 1024;

/** The key of the rule that a file breaks; null if none. Piles read no other names. */
export function broken(file: { name: string; size: number }): string | null {
  if (file.size === 0) return 'empty';
  if (file.size > LARGEST) return 'large';
  const plain = /^[A-Za-z0-9][A-Za-z0-9.\-_+]{0,95}$/.test(file.name) && !file.name.includes('..');
  return plain ? null : 'name';
}
