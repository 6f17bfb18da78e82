import { z } from "zod";
import { OURS } from "./layout-yml.ts";
import { RequirementShape } from "./requirement-yml.ts";
import { pattern, relativePath, section } from "./scalars.ts";
import { OriginWord } from "./target-yml.ts";

const REPOSITORY_WRITE = "`github:owner/name`, `gitlab:group/project`, `ci:any-name`, or the name of a connection before the colon";

/** Its connection is known only with the rest of the file: `repository.ts` parses it. */
export const RepositoryWord = pattern(/^[a-z][a-z0-9._-]*:[A-Za-z0-9_][A-Za-z0-9_./-]*$/, REPOSITORY_WRITE).meta({
  description: "`github:owner/name`, `gitlab:group/project`, `ci:any-name` or `CONNECTION:path`.",
});

export const BranchWord = pattern(
  /^(?![-/.])(?!refs\/)(?!.*(\.\.|\/\/|@\{|\/\.|\.lock$|[/.]$))[^\p{Cc}\p{Cf}\s~^:?*[\\]+$/u,
  "a branch by its short name, as in `branch: main`",
).default("main");

const WITH_WRITE =
  "a list of repositories, as in `with: [{ repository: github:acme/shop-theme, directory: theme, origin: git@github.com:acme/shop-theme.git }]`";
const DIRECTORY_WRITE = "a folder below the checkout or release, as in `directory: theme`";

/** Other repositories whose code the app runs with. */
export const WithShape = z
  .array(
    section(
      {
        repository: RepositoryWord,
        branch: BranchWord.meta({ description: "Only its revisions that this branch contains count." }),
        requires: z
          .array(RequirementShape, { error: "a list of stages, as in `requires: [build]`" })
          .default([])
          .meta({ description: "Stages of its own pipeline that must have passed." }),
        directory: relativePath(DIRECTORY_WRITE)
          .transform((words) => words.replace(/\/$/, ""))
          .refine((words) => !OURS.test(words), { error: "another folder: this one is made anew by git or by us" })
          .meta({ description: "Where it comes, below the app's checkout or release." }),
        origin: OriginWord.meta({ description: "Where the hosts fetch it from." }),
      },
      WITH_WRITE,
    ),
    { error: WITH_WRITE },
  )
  .optional()
  .meta({ description: "Other repositories whose code comes with it, each at exactly one revision." });

export type CompanionDraft = NonNullable<z.output<typeof WithShape>>[number];
