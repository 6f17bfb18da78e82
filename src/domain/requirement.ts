/** A stage that must have passed: by its name alone, or pinned to what must have reported it. */
export type Requirement = string | PinnedStage;

/** What is absent may be anything. A check or a commit status counts only by `app` or `creator`. */
export type PinnedStage = {
  readonly stage: string;
  /** The workflow's file, whole or its last part; where a provider has no files, the pipeline's name. */
  readonly workflow?: string;
  /** What started the run, as the provider calls it: `push`, `workflow_dispatch`, `deployment_status` ... */
  readonly event?: string;
  /** Slug or number of the app whose check run it is. */
  readonly app?: string;
  /** Login of whoever sets the commit status. */
  readonly creator?: string;
};

/** The name that people know it by. */
export function stageOf(requirement: Requirement): string {
  return typeof requirement === "string" ? requirement : requirement.stage;
}

/** The requirement in words: "e2e of the app browser-farm", "build of ci.yml on push". */
export function requirementText(requirement: Requirement): string {
  const { stage, workflow, event, app, creator } = pinOf(requirement);
  const words = [
    workflow === undefined ? null : `of ${workflow}`,
    event === undefined ? null : `on ${event}`,
    app === undefined ? null : `of the app ${app}`,
    creator === undefined ? null : `set by ${creator}`,
  ];
  return [stage, ...words.filter((word) => word !== null)].join(" ");
}

/** A requirement by name alone is a pin that pins nothing. */
export function pinOf(requirement: Requirement): PinnedStage {
  return typeof requirement === "string" ? { stage: requirement } : requirement;
}

/** Is it the stage of that name, or one of its matrix: `unit (3.12)`, `unit: [3.12]`, `unit 1/3`? */
export function isNamed(name: string, stage: string): boolean {
  return name === stage || (name.startsWith(stage) && /^( \(.*\)|: \[.*\]| \d+\/\d+)$/.test(name.slice(stage.length)));
}
