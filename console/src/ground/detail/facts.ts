/** What is known of one thing. */

export interface Fact {
  /** What it is, in the reader's language. */
  label: string;
  /** An empty one is shown as a dash. */
  text: string;
}
