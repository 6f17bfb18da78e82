import type { KnownBlock, ModalView } from "@slack/types";
import type { WayBack } from "../../domain/card.ts";
import { shortSha, type Sha } from "../../domain/ids.ts";
import { wayKey } from "../../domain/way-back.ts";
import type { RollBackOffer } from "../../domain/roll-back-offer.ts";
import { INPUTS, VIEWS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { titleWords } from "../words.ts";
import { alert, option, plainText, section } from "./blocks.ts";
import { sentence } from "./parts.ts";

const FRAME = { title: plainText("Roll back", LIMITS.viewTitle), close: plainText("Not now", LIMITS.viewButton) };

/** Opened at once, before anything is read: a trigger lives three seconds. `words`: what to say instead of waiting. */
export function renderRollBackWait(data: string, words = "Loading…"): ModalView {
  return { type: "modal", callback_id: VIEWS.rollBack, private_metadata: data, ...FRAME, blocks: [section(words)] };
}

/** What goes, where to, and why: asked before anything is done. `to` as somebody typed it; null: the default. */
export function renderRollBackView(offer: RollBackOffer, options: { readonly data: string; readonly to: string | null }): ModalView {
  const place = `${foreign(offer.app, LIMITS.name)} in ${foreign(offer.environment, LIMITS.name)}`;
  const gone = `\`${shortSha(offer.revision)}\` (#${offer.number})`;
  const wanted = options.to === null ? offer.ways[0] : offer.ways.find((way) => way.revision === offer.chosen);
  const against = whatSpeaksAgainst(offer);
  const base = { type: "modal" as const, callback_id: VIEWS.rollBack, private_metadata: options.data, ...FRAME };
  if (against !== null) return { ...base, blocks: [section(`*${place}*, ${gone}`), alert("error", against)] };
  const unknown = wanted === undefined ? [alert("warning", unknownWords(options.to ?? "", offer.chosen ?? null))] : [];
  const stops = offer.running ? " It is being deployed still: it is stopped first." : "";
  return {
    ...base,
    submit: plainText("Roll back", LIMITS.viewButton),
    blocks: [
      section(
        `*${place}* goes back from ${gone}, one server after the other.${stops}\nCode only, the database is not changed. It needs nobody's yes, no freeze stops it, and a lock's owner is told.`,
      ),
      ...unknown,
      versions(offer.ways, wanted ?? null),
      {
        type: "input",
        block_id: INPUTS.reason,
        optional: true,
        label: plainText("Why?", LIMITS.optionText),
        element: { type: "plain_text_input", action_id: INPUTS.text, multiline: true, max_length: LIMITS.reason, focus_on_load: true },
      },
    ],
  };
}

function unknownWords(named: string, chosen: Sha | null): string {
  const name = `“${foreign(named, LIMITS.name)}”`;
  if (chosen === null) return `Nobody knows a version called ${name}.`;
  const commit = chosen.startsWith(named) ? "" : ` (\`${shortSha(chosen)}\`)`;
  return `${name}${commit} was never live there, or is blocked.`;
}

function whatSpeaksAgainst(offer: RollBackOffer): string | null {
  if (offer.against !== null)
    return `${sentence(offer.against.because)} ${offer.against.change === null ? "" : sentence(offer.against.change)}`.trim();
  return offer.ways.length === 0 ? "There is no earlier version here that may be taken. Deploy a good version instead." : null;
}

/** Only what ran there, so that nobody can choose what nobody approved. */
function versions(ways: readonly WayBack[], wanted: WayBack | null): KnownBlock {
  const options = ways.slice(0, LIMITS.selectOptions).map((way, index) => option(wayWords(way, index === 0), wayKey(way)));
  const initial = options.find((candidate) => wanted !== null && candidate.value === wayKey(wanted));
  return {
    type: "input",
    block_id: INPUTS.to,
    label: plainText("Back to", LIMITS.optionText),
    element: {
      type: "static_select",
      action_id: INPUTS.version,
      options,
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}

/** "4c1e77d with shop-theme 1f2e3d4": short, so that what tells two of one revision apart is not cut off. */
function wayVersion({ revision, companions = [] }: WayBack): string {
  const words = companions.map((one) => `${one.repository.split("/").at(-1) ?? one.repository} ${shortSha(one.revision)}`);
  return words.length === 0 ? shortSha(revision) : `${shortSha(revision)} with ${words.join(", ")}`;
}

/** "4c1e77d Faster search, healthy here, the usual way". */
function wayWords(way: WayBack, usual: boolean): string {
  const behind = `${way.healthySince === null ? ", not verified here" : ", healthy here"}${usual ? ", the usual way" : ""}`;
  const title = way.title === null ? "" : ` ${titleWords(way.title)}`;
  const room = LIMITS.optionText - behind.length;
  const words = `${wayVersion(way)}${title}`;
  return `${words.length <= room ? words : `${words.slice(0, room - 1)}…`}${behind}`;
}
