import { z } from "zod";
import { duration, list, pattern, relativePath } from "./scalars.ts";

const IMAGE_WRITE =
  "an image whose tag names the revision, as in `ghcr.io/acme/shop:{revision}`: a tag that moves is not what was approved";
const COMPOSE_WRITE = "a list of compose files below the directory, as in `compose: [compose.yaml, compose.prod.yaml]`";

/** Keys of `type: docker`. That they belong to it is a rule of several keys. */
export const dockerKeys = {
  image: pattern(/^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*:[A-Za-z0-9_.-]*\{revision\}[A-Za-z0-9_.-]*$/, IMAGE_WRITE)
    .optional()
    .meta({ description: "The image of a revision. Its tag is resolved once per host; what runs is pinned by digest." }),
  compose: z
    .array(
      relativePath("a path below the directory, such as `compose.yaml`").refine((path) => !/[\s*?[\]]/.test(path), {
        error: COMPOSE_WRITE,
      }),
      {
        error: COMPOSE_WRITE,
      },
    )
    .default([])
    .meta({ description: "Compose files below the directory; without any, what `docker compose` finds by itself." }),
  variable: pattern(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of letters, digits and `_`, as in `variable: SHOP_IMAGE`")
    .default("IMAGE")
    .meta({ description: "By which variable the compose file names its image, as in `image: ${IMAGE}`." }),
  wait: duration("2m", { ms: 1000, text: "1s" })
    .default(120_000)
    .meta({ description: "How long the health checks may take before the earlier image is put back.", default: "2m" }),
};

const TASK_WRITE =
  'a list of words, as in `[fab, -H, "{hosts}", deploy, "--ref={revision}"]` or, for Fabric 1, `[fab, -H, "{hosts}", "deploy:ref={revision}"]`';

const Word = z.string({ error: TASK_WRITE }).min(1, { error: TASK_WRITE });

/** Keys of `type: fabric`. */
export const fabricKeys = {
  task: list(Word, TASK_WRITE)
    .optional()
    .meta({ description: "The call of the fabfile, run on the first host in a checkout of the revision. `{hosts}` are the other hosts." }),
  rollback_task: list(Word, TASK_WRITE)
    .optional()
    .meta({ description: "The call that goes back; without it, `task` with the earlier revision." }),
};
