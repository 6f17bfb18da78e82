import { errorsHeading, figureWords, latencyHeading } from "../domain/figure-words.ts";
import type { Engine } from "../engine/engine.ts";
import { figureOfReply } from "../engine/pictures.ts";
import { drawFigure } from "../picture/draw.ts";
import type { Picture } from "../slack/deps.ts";
import { spoken } from "../slack/words.ts";

/** The picture of a thread message: its figures from stored rows, drawn now, and told in words for those who cannot see it. */
export async function pictureOf(engine: Engine, reply: string, timezone: string): Promise<Picture | null> {
  const figure = await figureOfReply(engine, reply);
  if (figure === null) return null;
  const { app, environment, number, errors, latency } = figure;
  return {
    png: await drawFigure(figure, timezone),
    filename: `${[app, environment, number].join("-").replaceAll(/[^\w-]+/gu, "-")}.png`,
    title: errors !== null ? errorsHeading(errors) : latency === null ? `#${number}` : latencyHeading(latency),
    alt: figureWords(figure, (at) => spoken(at, engine.clock(), timezone)),
  };
}
