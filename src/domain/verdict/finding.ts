/** Something that speaks against the deployment. `why` starts in lower case: several are joined into one sentence. */
export type Finding = {
  readonly level: "propose" | "act";
  readonly ongoing: boolean;
  readonly since: Date | null;
  readonly why: string;
  /** It would act, were this not missing. */
  readonly lacks?: string;
  /** `site`: how it answers, from outside or as it traces its requests. Absent: the errors, whose figures tell it. */
  readonly about?: "site";
};
