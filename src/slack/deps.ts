import type { CardModel, LatePings, Reply } from "../domain/card.ts";
import type { Answer, DeployChoices, Intent, LaterChoices, Pressed } from "../domain/intent.ts";
import type { Home } from "../domain/home.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Actor } from "../domain/people.ts";
import type { CancelAsked, CancelOffer } from "../domain/cancel-offer.ts";
import type { RefChoices } from "../domain/ref-choices.ts";
import type { RollBackAsked, RollBackOffer } from "../domain/roll-back-offer.ts";
import type { Clock, Directory, Report } from "../ports.ts";

/** What the Slack side needs of the rest: plain functions over stored state. `app/` gives them; Slack itself drives nothing. */

/** Facts about a person, read from Slack less than a minute ago. The domain decides what they mean. */
export type Person = NonNullable<Awaited<ReturnType<Directory["person"]>>>;

export type SlackActor = Extract<Actor, { readonly kind: "slack" }>;

/** Where an answer is shown, and only to its presser. `responseUrl` lives for 30 minutes and five uses. */
export type Where = { readonly channel: string | null; readonly thread: string | null; readonly responseUrl: string | null };

/** One press, command or submitted form. `id` is unique per press: the same delivery twice is the same click. */
export type Click = {
  readonly id: string;
  readonly actor: SlackActor;
  /** Team of the presser as Slack's envelope says: another one than ours in a shared channel. */
  readonly team: string;
  readonly intent: Intent;
  readonly where: Where;
  readonly at: Date;
};

export type LogLine = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields: Readonly<Record<string, string | number | null>>,
) => void;

export type SlackDeps = {
  /**
   * Stores the click. Must finish or give up within 1.5 s, else the presser is told that it was not taken. `known`: it was
   * stored before. One stored too late is `answered` without being carried out.
   */
  takeClick(click: Click): Promise<"taken" | "known">;
  /** Takes one of the turns that this person has in a minute, over all replicas. False: none is left. */
  takeTurn(person: string): Promise<boolean>;
  /** Carries a stored click out, once however often it is asked, and answers. `person` null: Slack could not say who that is. */
  carryOut(id: string, person: Person | null): Promise<Answer>;
  /** The answer was shown; the click is done with. */
  answered(id: string): Promise<void>;
  /** Stored clicks whose presser has seen no answer: resumed at the start. */
  unansweredClicks(): Promise<readonly Click[]>;
  /** Names that this person may use, in the order of the configuration. @throws when nobody can say who that is */
  vocabulary(user: string): Promise<readonly { readonly app: string; readonly environments: readonly string[] }[]>;
  /** What the modal offers; nothing starts by asking. Null choices are filled with the first sensible ones. Null: they may see no app. */
  deployChoices(wanted: {
    readonly app: string | null;
    readonly environment: string | null;
    readonly revision: string | null;
    readonly user: string;
  }): Promise<DeployChoices | null>;
  /** What may be asked for by what somebody types, well within the 3 s that Slack waits for it. */
  searchRefs(wanted: {
    readonly app: string;
    readonly environment: string;
    readonly text: string;
    readonly user: string;
  }): Promise<RefChoices>;
  /** What a rollback that somebody asks for concerns, and where it may go. Null: nothing that Greenlight deployed. */
  rollBackOf(asked: RollBackAsked & { readonly user: string }): Promise<RollBackOffer | null>;
  /** When a deployment may be approved for. Null: it is not known any more. */
  laterOf(deployment: DeploymentId, user: string): Promise<LaterChoices | null>;
  /** What a cancellation asked for by names concerns. */
  cancelOf(asked: CancelAsked & { readonly user: string }): Promise<CancelOffer>;
  /** Where the card of a deployment stands, if a message that carries its buttons is neither it nor below it. Null: all is well. */
  cardElsewhere(
    message: { readonly channel: string; readonly ts: string },
    deployment: DeploymentId,
  ): Promise<{ readonly channel: string; readonly ts: string } | null>;
  /** Somebody opens the Home tab: from now on it is drawn again when it changes. @throws when nobody can say who that is */
  home(user: string): Promise<Home>;
  /** It shows what has this hash. */
  homeDrawn(user: string, hash: string): Promise<void>;
  /** All that is stored of a deployment's output; null when it is not known any more. Asked after `carryOut` allowed it. */
  logFile(deployment: DeploymentId): Promise<LogFile | null>;
  readonly now: Clock;
  readonly report: Report;
  readonly log: LogLine;
};

export type LogFile = { readonly name: string; readonly title: string; readonly text: string };

/** A card as the painter knows it. `ts` null: not posted yet. `posting`: a post was begun whose outcome nobody recorded. */
export type StoredCard = {
  readonly id: string;
  /** Channel id or `#name`; the first successful post gives the id. */
  readonly channel: string;
  readonly ts: string | null;
  readonly posting: boolean;
  /** Its channel could not be used when it was last tried. */
  readonly broken: boolean;
  readonly paintedHash: string | null;
  readonly priority: "terminal" | "ask" | "change" | "tick";
  readonly firstPaintedAt: Date | null;
  readonly lastPaintedAt: Date | null;
};

/** A thread message that is due. `card` is posted already; the painter keeps the order per card. */
export type DueReply = {
  readonly id: string;
  readonly card: { readonly id: string; readonly channel: string; readonly ts: string };
  readonly reply: Reply;
  /** Its authors who did not mute the app, to be mentioned after the others. Absent: nobody. */
  readonly authors?: readonly string[];
  readonly posting: boolean;
  /** Of a picture that was begun to be posted. Absent or null: none was, or nobody wrote down from what. */
  readonly upload?: Upload | null;
  /** Posted already, and out of date: its button has nothing to do any more. Null: to be posted. */
  readonly ts: string | null;
  /** What the repeated Roll back button carries and says; null: no button. */
  readonly rollBack: { readonly pressed: Pressed; readonly app: string; readonly environment: string; readonly revision: string } | null;
  /** What the Log button carries; null: no button. */
  readonly log: Pressed | null;
  /** What the Stop button of a start to come carries; null or absent: no button. */
  readonly stop?: Pressed | null;
  /** What comes late, as it is now; it is said in the channel, not in the card's thread. Null: an ordinary thread message. */
  readonly late: LatePings | null;
};

/** A file at Slack that a picture is posted from; `tries` that were begun, the last one at `at`. */
export type Upload = { readonly file: string; readonly title: string; readonly tries: number; readonly at: Date };

/** `alt`: what it shows, for those who cannot see it. */
export type Picture = { readonly png: Uint8Array; readonly filename: string; readonly title: string; readonly alt: string };

/** A direct message that is due. `posting`: a post was begun whose outcome nobody recorded. */
export type DueNotice = { readonly id: string; readonly to: string; readonly posting: boolean };

/** `dropped`: it is not to be shown any more, and that is written down. `later`: who its reader is cannot be read now. */
export type NoticeModel =
  | {
      readonly kind: "show";
      readonly text: string;
      /** Of its reader, IANA name; null: more than one reads it, in the team's time. */
      readonly timezone: string | null;
      /** The card it is about; null: there is none in Slack. */
      readonly card: { readonly channel: string; readonly ts: string } | null;
    }
  | { readonly kind: "dropped" }
  | { readonly kind: "later" };

export type NoticeDeps = {
  /** Oldest first. */
  next(): Promise<readonly DueNotice[]>;
  /** Read just before it is posted, so that a mute of a moment ago counts. */
  load(id: string): Promise<NoticeModel>;
  /** Written before the post, so that a crash in between is known. `again`: it was begun before. False: another replica has begun it. */
  posting(id: string, again: boolean): Promise<boolean>;
  /** Slack said that it was not posted: it may be tried again. */
  unsent(id: string): Promise<void>;
  posted(id: string, ts: string): Promise<void>;
  failed(id: string, because: string): Promise<void>;
};

/** Somebody whose Home tab may be out of date. `drawnHash`: of what it shows; null: nobody knows. */
export type DueHome = { readonly user: string; readonly drawnHash: string | null };

export type HomeDeps = {
  /** Longest not looked at first; only who opened it within a day. */
  due(): Promise<readonly DueHome[]>;
  /** As it is now. `dropped`: nobody reads it any more; `later`: it cannot be read now. */
  load(user: string): Promise<{ readonly kind: "show"; readonly home: Home } | { readonly kind: "dropped" } | { readonly kind: "later" }>;
  /** It shows what has this hash; `changed`: since just now. */
  drawn(user: string, hash: string, changed: boolean): Promise<void>;
  /** It is not drawn for them again before they open it. */
  lost(user: string, because: string): Promise<void>;
};

export type PainterDeps = {
  /** One painter per workspace over all replicas; asked every few seconds, true while it is ours. */
  holdLease(): Promise<boolean>;
  /** Cards changed since they were painted, and those that show a running duration (as `tick`). Broken ones are left out. */
  dirtyCards(): Promise<readonly StoredCard[]>;
  /** Null: nothing to draw any more. `version` is what was read, so that a change meanwhile keeps the card dirty. */
  loadCard(id: string): Promise<{ readonly model: CardModel; readonly version: number } | null>;
  /** Written before the post, so that a crash in between is known. */
  markPosting(id: string): Promise<void>;
  /** Slack said that it was not posted: nobody has to look for it. */
  unsent(id: string): Promise<void>;
  /** `asOf`: when what is drawn was read. False: it stands in another message already, so this one is too many. */
  painted(
    id: string,
    at: {
      readonly channel: string;
      readonly ts: string;
      readonly hash: string;
      readonly drawnVersion: number;
      readonly asOf: Date;
      readonly posted: boolean;
    },
  ): Promise<boolean>;
  /** The message is gone or may not be edited: forget its `ts`, so that a new one is posted. */
  lost(id: string, because: string): Promise<void>;
  /** The channel cannot be used; the sentence says what to do. Left out of `dirtyCards` until it is mended; who deployed is told. */
  broken(id: string, because: string): Promise<void>;
  /** One card of each channel that could not be used: to be tried. */
  brokenCards(): Promise<readonly StoredCard[]>;
  /** The channel of this card can be used again: all of its cards are due, and what was to be said meanwhile is said at once. */
  mended(id: string): Promise<void>;
  /** Slack is away: kept with the cards, so that whoever paints next knows it. */
  readonly away: {
    /** Null: it is not. */
    since(): Promise<Date | null>;
    begin(since: Date): Promise<void>;
    over(): Promise<void>;
  };
  /** While Slack is away: calls for people that wait too long become one message a channel. */
  gatherPings(since: Date): Promise<void>;
  /** Due thread messages of posted cards, in order. */
  nextReplies(): Promise<readonly DueReply[]>;
  /** `upload`: of a picture, so that a post which nobody saw to its end is found again. False: it is not due any more. */
  replyPosting(id: string, upload?: Upload): Promise<boolean>;
  replyUnsent(id: string): Promise<void>;
  /** `drawn`: what stands there now; what was changed meanwhile is due again. False: it stands in another message already. */
  replyPosted(id: string, ts: string, drawn: Reply): Promise<boolean>;
  replyFailed(id: string, because: string): Promise<void>;
  /** What a thread message shows that is a picture. `timezone` of the team. Null: there is nothing to show any more. @throws when it cannot be drawn */
  picture(reply: string, timezone: string): Promise<Picture | null>;
  readonly notices: NoticeDeps;
  readonly homes: HomeDeps;
  /** Wakes the painter when another replica changed something; answers how to stop. */
  subscribe(wake: () => void): () => void;
  readonly now: Clock;
  readonly report: Report;
  readonly log: LogLine;
};
