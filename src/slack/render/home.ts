import type { ActionsBlockElement, HomeView, KnownBlock } from "@slack/types";
import { HOME_MOST, type Home, type HomePlace, type ShownAt } from "../../domain/home.ts";
import type { Verb } from "../../domain/authorize.ts";
import type { Mute } from "../../domain/mute.ts";
import { ACTIONS } from "../action-ids.ts";
import { foreign, inCode } from "../escape.ts";
import { encodeApp, encodeHome, type HomeWay } from "../home-value.ts";
import { LIMITS } from "../limits.ts";
import { clock, count } from "../words.ts";
import { placeLine } from "./answer.ts";
import { button, context, header, option, plainText, section } from "./blocks.ts";
import type { RenderContext } from "./drawing.ts";
import { holdRow } from "./home-hold.ts";
import { runningRow, waitingRow } from "./home-work.ts";

/** When, for whom, and where the cards stand that it tells of; null: the card is in no channel now, or Slack does not say where. */
export type HomeContext = RenderContext & { linkOf(at: ShownAt): string | null };

/** Of the block that tells the time of day: no reason to draw the rest again. */
export const AS_OF = "as_of";

/** What waits for its reader, what is on its way, what is closed, and what is live where. */
export function renderHome(home: Home, options: HomeContext): HomeView {
  const { waiting, running, holds, places } = home;
  const all = waiting.shown.length + waiting.more;
  const most = HOME_MOST;
  return {
    type: "home",
    blocks: [
      header(all === 0 ? "Nothing waits for you" : `${count(all, "thing")} ${all === 1 ? "waits" : "wait"} for you`),
      { ...context(`As of ${clock(options.now, options.now)}. It is drawn again when something changes.`), block_id: AS_OF },
      ...home.troubles.slice(0, most.troubles).map((trouble) => section(`:warning: ${foreign(trouble, LIMITS.threadText)}`)),
      ...left(home.troubles.length - most.troubles, "channels that take no cards", null),
      ...waiting.shown.slice(0, most.waiting).flatMap((one) => waitingRow(one, options)),
      ...left(waiting.more, null, ofApp(home, "queue")),
      {
        type: "actions",
        elements: [button({ action: ACTIONS.homeDeploy, label: "New deployment…", spoken: "Choose what goes where", value: "home" })],
      },
      ...part(
        "On its way",
        running.shown.slice(0, most.running).flatMap((one) => runningRow(one, options)),
      ),
      ...left(running.more, null, ofApp(home, "queue")),
      ...part(
        "Closed",
        holds.shown.slice(0, most.holds).map((hold, index) => holdRow(hold, index, options)),
      ),
      ...left(holds.more, null, ofApp(home, "status")),
      header("Live now"),
      ...(places.shown.length === 0 ? [section("Nothing is configured that you may see.")] : []),
      ...places.shown.slice(0, most.places).map((place, index) => placeRow(place, index, options)),
      ...left(places.more, null, ofApp(home, "status")),
      ...mutesPart(home, options),
    ],
  };
}

/** What stands there while the whole cannot be shown. */
export function renderPlainHome(command: string): HomeView {
  const [status, queue] = [typedBy(command, "status"), typedBy(command, "queue")];
  const words = `Greenlight cannot show this tab now, and draws it again by itself. Until then ${status} and ${queue} say the same.`;
  return { type: "home", blocks: [section(`:warning: ${words}`)] };
}

function part(title: string, rows: readonly KnownBlock[]): readonly KnownBlock[] {
  return rows.length === 0 ? [] : [header(title), ...rows];
}

/** How many are left out, and what lists them. */
function left(more: number, nouns: string | null, command: string | null): readonly KnownBlock[] {
  if (more <= 0) return [];
  return [
    context(`and ${more.toLocaleString("en-GB")} more${nouns === null ? "" : ` ${nouns}`}${command === null ? "" : `: type ${command}`}`),
  ];
}

/** An answer has an end too: of one app it tells all. */
function ofApp(home: Home, word: "queue" | "status"): string {
  return `${typed(home, word)} or, of one app, ${typed(home, `${word} APP`)}`;
}

function typed(home: Home, words: string): string {
  return typedBy(home.command, words);
}

function typedBy(command: string, words: string): string {
  return inCode(`${command} ${words}`, LIMITS.name);
}

/** One environment, with a menu of what its reader may do there. */
function placeRow(place: HomePlace, index: number, options: HomeContext): KnownBlock {
  const ways = WAYS.filter(({ verb }) => place.may.includes(verb)).map(({ way, label }) => option(label, encodeHome(place, way)));
  const words = { ...section(placeLine(place, options.now)), block_id: `place:${index}` };
  if (ways.length === 0 || words.type !== "section") return words;
  return { ...words, accessory: { type: "overflow", action_id: ACTIONS.homeMenu, options: ways } };
}

/** Slack takes five in a menu: of lock, unlock and ask to unlock an environment has one at most. */
const WAYS: readonly { readonly verb: Verb; readonly way: HomeWay; readonly label: string }[] = [
  { verb: "deploy", way: "deploy", label: "Deploy…" },
  { verb: "roll_back", way: "roll_back", label: "Roll back…" },
  { verb: "see", way: "history", label: "History" },
  { verb: "lock", way: "lock", label: "Lock…" },
  { verb: "unlock", way: "unlock", label: "Unlock" },
  { verb: "ask_unlock", way: "ask_unlock", label: "Ask to unlock" },
  { verb: "freeze", way: "freeze", label: "Freeze…" },
];

/** What its reader does not want to hear of privately, and a choice of more. */
function mutesPart(home: Home, options: HomeContext): readonly KnownBlock[] {
  const { mutes } = home;
  const shown = mutes.slice(0, HOME_MOST.mutes);
  return [
    header("Your messages"),
    ...shown.map((mute, index) => muteRow(mute, index, options)),
    ...left(mutes.length - shown.length, "that are muted", `${typed(home, "unmute")} to end all of them`),
    ...(mutes.length === 0 ? [context("You hear privately of your own changes: when they are live, and how that went.")] : []),
    // A new block for each choice: else Slack would go on showing the last one.
    { type: "actions", block_id: `mute:${mutes.length}:${latest(mutes)}`, elements: [muteSelect()] },
  ];
}

function muteRow(mute: Mute, index: number, options: HomeContext): KnownBlock {
  const what = mute.app === null ? "All apps" : foreign(mute.app, LIMITS.name);
  const until = mute.until === null ? "until you unmute it" : `until ${clock(mute.until, options.now)}`;
  const words = { ...section(`*${what}* muted ${until}`), block_id: `muted:${index}` };
  if (words.type !== "section") return words;
  const accessory = button({
    action: ACTIONS.unmute,
    label: "Unmute",
    spoken: `Unmute ${mute.app ?? "all apps"}`,
    value: encodeApp(mute.app),
  });
  return { ...words, accessory };
}

function latest(mutes: readonly Mute[]): number {
  return Math.max(0, ...mutes.map(({ since }) => since.getTime()));
}

function muteSelect(): ActionsBlockElement {
  return {
    type: "external_select",
    action_id: ACTIONS.mute,
    min_query_length: 0,
    placeholder: plainText("Mute an app…", LIMITS.optionText),
  };
}
