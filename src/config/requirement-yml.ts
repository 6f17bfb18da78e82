import { z } from "zod";
import type { Requirement } from "../domain/requirement.ts";
import { pattern, section, text } from "./scalars.ts";

const WRITE = "the name of a stage, as CI calls it, or `{ stage: build, workflow: ci.yml, event: push }`";
const PIN_WRITE = "`{ stage: build, workflow: ci.yml }`, `{ stage: e2e, app: browser-farm }` or `{ stage: ci/old, creator: acme-ci }`";
const ONE_WRITE =
  "one of `app`, `creator`, and `workflow` with `event`: a stage is reported by an app, set by a person, or a job of a workflow";

/** A stage that must have passed: by its name, or pinned to what must have reported it. */
export const RequirementShape = z.union(
  [
    text(WRITE),
    section(
      {
        stage: text("the stage's name, as in `stage: build`").meta({ description: "The job, check or status, as CI calls it." }),
        workflow: text("the workflow's file, as in `workflow: ci.yml`")
          .optional()
          .meta({ description: "Jobs of this workflow file alone; where CI has no files, of the pipeline of this name." }),
        event: pattern(/^[a-z_]{1,64}$/, "what starts the run, as in `event: push`")
          .optional()
          .meta({ description: "Jobs of runs that this started." }),
        app: pattern(/^[A-Za-z0-9-]{1,100}$/, "the app's slug or number, as in `app: browser-farm`")
          .optional()
          .meta({ description: "The check that this GitHub App reports." }),
        creator: pattern(/^[A-Za-z0-9_-]{1,100}(\[bot\])?$/, "a login, as in `creator: acme-ci`")
          .optional()
          .meta({ description: "The commit status that this account sets." }),
      },
      PIN_WRITE,
    ).refine(({ workflow, event, app, creator }) => [app, creator, workflow ?? event].filter((pin) => pin !== undefined).length <= 1, {
      error: ONE_WRITE,
    }),
  ],
  { error: WRITE },
);

export function requirementOf(draft: z.output<typeof RequirementShape>): Requirement {
  if (typeof draft === "string") return draft;
  const { stage, workflow, event, app, creator } = draft;
  return {
    stage,
    ...(workflow === undefined ? {} : { workflow }),
    ...(event === undefined ? {} : { event }),
    ...(app === undefined ? {} : { app }),
    ...(creator === undefined ? {} : { creator }),
  };
}
