import type { Trouble } from "../measurement.ts";

/** Something that speaks against the deployment. `why` starts in lower case: several are joined into one sentence. */
export type Finding = {
  readonly level: "propose" | "act";
  readonly ongoing: boolean;
  readonly since: Date | null;
  readonly why: string;
  /** It would act, were this not missing. */
  readonly lacks?: string;
  readonly trouble: Trouble;
};
