import type { Trouble } from "../measurement.ts";

/** Something that speaks against the deployment. `why` starts in lower case: several are joined into one sentence. */
export type Finding = {
  readonly level: "propose" | "act";
  readonly ongoing: boolean;
  readonly since: Date | null;
  readonly why: string;
  /** It would act, were this not missing. */
  readonly lacks?: string;
  /** Errors a minute in the newest stretch, where their counts rose; absent: something else was found. */
  readonly errorsNow?: number;
  readonly trouble: Trouble;
};
