import { z } from "zod";
import type { SharedPath } from "../domain/config.ts";
import { oneOf, relativePath } from "./scalars.ts";

const KEEP_WRITE = "`keep: 2` or more: the release that is live and the one before it, at most 100";
const SHARED_WRITE = 'a list of files and folders, as in `shared: [.env, "media/"]`; a folder ends in `/`';

/** Made by us in each release, or by git. */
export const OURS = /^(\.git|\.greenlight[^/]*|REVISION)(\/|$)/;

const Shared = relativePath("a path below the release, such as `.env` or `media/`; a folder ends in `/`").transform(
  (words, context): SharedPath => {
    const path = words.replace(/\/$/, "");
    if (!OURS.test(path)) return { kind: words.endsWith("/") ? "folder" : "file", path };
    context.addIssue({ code: "custom", message: "another path: this one is made anew in each release" });
    return z.NEVER;
  },
);

/** How revisions lie in the directory. That `keep` and `shared` belong to `releases` is a rule of several keys. */
export const layoutKeys = {
  layout: oneOf(["in_place", "releases"])
    .default("in_place")
    .meta({ description: "`in_place`: one checkout. `releases`: a folder for each revision, and a link `current` to the live one." }),
  keep: z
    .int({ error: KEEP_WRITE })
    .min(2, { error: KEEP_WRITE })
    .max(100, { error: KEEP_WRITE })
    .default(5)
    .meta({ description: "How many releases stay on a host." }),
  shared: z
    .array(Shared, { error: SHARED_WRITE })
    .default([])
    .meta({ description: "Files and folders (with `/` at the end) that all releases share, below `shared/`." }),
};
