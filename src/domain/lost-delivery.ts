/** A webhook that the provider made and could not hand over. */
export type LostDelivery = {
  readonly repository: string;
  /** The repository's hook; null: an App's own. */
  readonly hook: string | null;
  /** The provider's id of its newest failed try. */
  readonly attempt: string;
  /** The id that it comes with, now as then. */
  readonly delivery: string;
  /** Of the newest try. */
  readonly at: Date;
  /** How often it was tried. */
  readonly tries: number;
};
