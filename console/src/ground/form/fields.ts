/** A plain field, as a resource's form declares it. */
export interface Plain<K extends string = string> {
  /** As on the wire. */
  key: K;
  kind: 'text' | 'number' | 'day' | 'choice';
  required?: boolean;
  hint?: string;
  /** Characters of a text, or the largest number. */
  max?: number;
  min?: number;
  precision?: number;
  options?: string[];
  /** A choice that also takes what is not among its options. */
  free?: boolean;
  /** Over both columns. */
  wide?: boolean;
  mono?: boolean;
}
