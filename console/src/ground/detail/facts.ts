/** What is known of one thing. */
import type { Tone } from '@/ground/progress/progress';

export interface Fact {
  /** What it is, in the reader's language. */
  label: string;
  /** An empty one is shown as a dash. */
  text: string;
  /** Good or bad, where it is a state. */
  tone?: Tone;
  /** Numbers of parts, digests: to be compared character by character. */
  mono?: boolean;
  /** Takes a line of its own. */
  wide?: boolean;
  /** What a pointer finds out. */
  title?: string;
}
