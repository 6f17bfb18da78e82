import { saveImage } from "../db/images.ts";
import type { App } from "../domain/config.ts";
import { parseSha } from "../domain/ids.ts";
import { nameOf, revisionInTag } from "../domain/image.ts";
import type { ImageEvent } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";

/** Which image was built from which revision: by what the registry says of it, else by its tag. False: no environment runs this image. */
export async function takeImage(engine: Engine, app: App, event: ImageEvent): Promise<boolean> {
  const patterns = app.environments.flatMap(({ target }) => (target.docker === undefined ? [] : [target.docker.image]));
  const meant = patterns.filter((pattern) => nameOf(pattern) === event.image);
  const tagged = meant.map((pattern) => revisionInTag(pattern, event.tag)).find((found) => found !== null);
  const revision = parseSha(tagged ?? "") ?? event.revision;
  if (meant.length === 0 || revision === null) return false;
  const { image, digest, tag, at } = event;
  await saveImage(engine.db, { app: app.name, image, revision, digest, tag, at });
  return true;
}
