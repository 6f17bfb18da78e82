import { z } from "zod";
import type { Sha } from "../../domain/ids.ts";
import { repository } from "../checks.ts";
import * as field from "../fields.ts";
import { ignored, told } from "./read.ts";
import type { Normalised } from "./read.ts";

const labels = z
  .object({
    revision: z.string().nullable().default(null).catch(null),
    all_labels: z.record(z.string(), z.unknown()).nullable().default(null).catch(null),
  })
  .nullable()
  .default(null)
  .catch(null);

const content = z.object({
  name: z.string(),
  namespace: z.string(),
  package_type: z.string().default(""),
  ecosystem: z.string().nullable().default(null),
  updated_at: field.momentOrNull.default(null),
  package_version: z
    .object({
      version: z.string().default(""),
      package_url: z.string().nullable().default(null).catch(null),
      created_at: field.momentOrNull.default(null),
      container_metadata: z
        .object({
          tag: z
            .object({ name: z.string().default(""), digest: z.string().default("") })
            .nullable()
            .default(null),
          labels,
        })
        .nullable()
        .default(null)
        .catch(null),
    })
    .nullable()
    .default(null),
});

export const packageBody = z.object({ repository, package: content });
export const registryPackageBody = z.object({ repository, registry_package: content });

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const IMAGE = /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?(\/[a-z0-9._-]+)+$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** An image came into GitHub's registry; every other kind of package is of no use to us. */
export function packagePublished(of: string, { name, namespace, ...rest }: z.infer<typeof content>): Normalised {
  const version = rest.package_version;
  const container = version?.container_metadata ?? null;
  if (version === null || container === null) return ignored("a package that is no image");
  // The digest of the version is that of its manifest; the tag's own is sometimes empty.
  const digest = [container.tag?.digest ?? "", version.version].find((text) => DIGEST.test(text));
  if (digest === undefined) return ignored("an image without a digest");
  const image = imageName(version.package_url, namespace, name);
  if (image === null) return ignored("an image without a name that a registry allows");
  const at = version.created_at ?? rest.updated_at;
  if (at === null) return ignored("an image without a date of our time");
  const tag = container.tag?.name ?? "";
  return told({ kind: "image", repository: of, image, tag: TAG.test(tag) ? tag : null, digest, revision: builtFrom(container.labels), at });
}

/** Without its tag. An Enterprise Server's registry has a name of its own, which only the address says. */
function imageName(url: string | null, namespace: string, name: string): string | null {
  const named = [(url ?? "").replace(/[:@][^/]*$/, ""), `ghcr.io/${namespace}/${name}`].map((text) => text.toLowerCase());
  return named.find((text) => text.length <= 255 && IMAGE.test(text)) ?? null;
}

/** The label that image builders set; nothing else in the event says from which commit it was built. */
function builtFrom(given: z.infer<typeof labels>): Sha | null {
  for (const text of [given?.revision, given?.all_labels?.["org.opencontainers.image.revision"]]) {
    const revision = field.sha.safeParse(text);
    if (revision.success) return revision.data;
  }
  return null;
}
