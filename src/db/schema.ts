import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });
const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Which database this is. A difference at start is a restore: old jobs and buttons are dead then. */
export const incarnation = pgTable("incarnation", {
  /** Of the installation: survives a restore, and is what hosts remember. */
  installation: uuid("installation").primaryKey(),
  systemIdentifier: text("system_identifier").notNull(),
  timeline: integer("timeline").notNull(),
  databaseOid: bigint("database_oid", { mode: "number" }).notNull(),
  tableOid: bigint("table_oid", { mode: "number" }).notNull(),
  since: at("since").notNull().defaultNow(),
});

/** Every configuration ever started; the newest is the active one. */
export const configurations = pgTable("configurations", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  hash: text("hash").notNull(),
  body: jsonb("body").notNull(),
  loadedAt: at("loaded_at").notNull(),
});

/** The row that `apply` locks: one per environment, first of all locks. */
export const environments = pgTable("environments", {
  id: text("id").primaryKey(),
  app: text("app").notNull(),
  name: text("name").notNull(),
  nextNumber: integer("next_number").notNull().default(1),
  mixed: boolean("mixed").notNull().default(false),
  /** Set after a restored backup: nothing starts here until a person has looked. */
  heldBecause: text("held_because"),
  gone: boolean("gone").notNull().default(false),
});

export const locks = pgTable("locks", {
  environmentId: text("environment_id")
    .primaryKey()
    .references(() => environments.id),
  owner: jsonb("owner").notNull(),
  reason: text("reason").notNull(),
  since: at("since").notNull(),
  until: at("until").notNull(),
  /** The owner was told that it is about to end. */
  nudgedAt: at("nudged_at"),
});

/** A freeze that a person set, beside those of the configuration; it always ends. */
export const freezes = pgTable("freezes", {
  environmentId: text("environment_id")
    .primaryKey()
    .references(() => environments.id),
  owner: jsonb("owner").notNull(),
  reason: text("reason").notNull(),
  since: at("since").notNull(),
  until: at("until").notNull(),
});

/** Whose yes counts for somebody else's until then. */
export const delegations = pgTable(
  "delegations",
  {
    app: text("app").notNull(),
    from: text("from").notNull(),
    to: text("to").notNull(),
    until: at("until").notNull(),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.app, table.from, table.to] })],
);

/** Since when the bot has seen a person in an approver group: who joined a moment ago does not decide yet. */
export const groupMembers = pgTable(
  "group_members",
  {
    group: text("group").notNull(),
    slackId: text("slack_id").notNull(),
    firstSeen: at("first_seen").notNull(),
  },
  (table) => [primaryKey({ columns: [table.group, table.slackId] })],
);

/** Private notices that a person does not want; app empty: of all apps. */
export const mutes = pgTable(
  "mutes",
  {
    slackId: text("slack_id").notNull(),
    app: text("app").notNull(),
    /** Null: until they say otherwise. */
    until: at("until"),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.slackId, table.app] })],
);

/** Direct messages to one person, written with the decision that they tell of and posted by the painter. */
export const notices = pgTable(
  "notices",
  {
    id: uuid("id").primaryKey(),
    order: bigint("order", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    /** Says it once, however often it is asked for. */
    key: text("key").notNull(),
    slackId: text("slack_id").notNull(),
    app: text("app").notNull(),
    deploymentId: uuid("deployment_id"),
    text: text("text").notNull(),
    posting: boolean("posting").notNull().default(false),
    ts: text("ts"),
    failedBecause: text("failed_because"),
    at: at("at").notNull(),
  },
  (table) => [uniqueIndex("notices_key").on(table.slackId, table.key)],
);

/** Who opened the Home tab: it is drawn again for them while they may still look at it. */
export const homeViewers = pgTable("home_viewers", {
  slackId: text("slack_id").primaryKey(),
  openedAt: at("opened_at").notNull(),
  drawnHash: text("drawn_hash"),
});

/** What each host runs; the environment is `mixed` where they differ. */
export const live = pgTable(
  "live",
  {
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    host: text("host").notNull(),
    revision: text("revision").notNull(),
    deploymentId: uuid("deployment_id"),
    since: at("since").notNull(),
    source: text("source", { enum: ["ours", "read from host", "ci"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.host] })],
);

export const deployments = pgTable(
  "deployments",
  {
    id: uuid("id").primaryKey(),
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    number: integer("number").notNull(),
    kind: text("kind", { enum: ["deploy", "rollback"] }).notNull(),
    revision: text("revision").notNull(),
    fromRevision: text("from_revision"),
    plan: jsonb("plan").notNull(),
    planHash: text("plan_hash").notNull(),
    configHash: text("config_hash").notNull(),
    counter: integer("counter").notNull(),
    runId: uuid("run_id"),
    requestedBy: jsonb("requested_by").notNull(),
    requestedAt: at("requested_at").notNull(),
    changes: jsonb("changes").notNull(),
    rollsBack: uuid("rolls_back"),
    rolledBackBy: uuid("rolled_back_by"),
    automatic: boolean("automatic").notNull(),
    startedAt: at("started_at"),
    liveAt: at("live_at"),
    state: text("state").notNull(),
    stateBody: jsonb("state_body").notNull(),
    /** Fence: raised by every claim, carried by every command to a host. */
    epoch: integer("epoch").notNull().default(0),
    driver: text("driver"),
    /** Hosts are locked for this run and not yet released. */
    holdsHosts: boolean("holds_hosts").notNull().default(false),
    /** What the world does to it now, for the card: "web-2 does not answer, trying again". */
    trouble: text("trouble"),
    troubleSince: at("trouble_since"),
    onIt: jsonb("on_it"),
  },
  (table) => [
    uniqueIndex("deployments_number").on(table.environmentId, table.number),
    // Invariant 1, held by the database whatever the code believes.
    uniqueIndex("deployments_one_occupying")
      .on(table.environmentId)
      .where(sql`${table.state} in ('executing', 'cancelling', 'needs_attention')`),
    index("deployments_open").on(table.state),
  ],
);

export const steps = pgTable(
  "steps",
  {
    deploymentId: uuid("deployment_id")
      .notNull()
      .references(() => deployments.id),
    target: text("target").notNull(),
    step: text("step").notNull(),
    /** Empty for an operation on a provider. */
    host: text("host").notNull(),
    attempt: integer("attempt").notNull(),
    kind: text("kind", { enum: ["command", "operation"] }).notNull(),
    status: text("status", { enum: ["running", "done", "failed", "unknown", "undone"] }).notNull(),
    phase: integer("phase").notNull(),
    exitCode: integer("exit_code"),
    note: text("note"),
    /** Log bytes of the host that are stored or counted here. */
    offset: bigint("offset", { mode: "number" }).notNull().default(0),
    /** Of these, bytes between head and tail that were not kept. */
    dropped: bigint("dropped", { mode: "number" }).notNull().default(0),
    head: bytea("head")
      .notNull()
      .default(sql`''::bytea`),
    tail: bytea("tail")
      .notNull()
      .default(sql`''::bytea`),
    externalId: text("external_id"),
    startedAt: at("started_at").notNull(),
    finishedAt: at("finished_at"),
  },
  (table) => [primaryKey({ columns: [table.deploymentId, table.target, table.step, table.host, table.attempt] })],
);

export const approvals = pgTable(
  "approvals",
  {
    deploymentId: uuid("deployment_id")
      .notNull()
      .references(() => deployments.id),
    actor: text("actor").notNull(),
    who: jsonb("who").notNull(),
    revision: text("revision").notNull(),
    environmentId: text("environment_id").notNull(),
    planHash: text("plan_hash").notNull(),
    override: text("override"),
    /** "Approve for later": the yes counts, and nothing starts before. */
    notBefore: at("not_before"),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.deploymentId, table.actor, table.planHash] })],
);

export const validations = pgTable(
  "validations",
  {
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    revision: text("revision").notNull(),
    actor: text("actor").notNull(),
    who: jsonb("who").notNull(),
    /** A person's newest word; an earlier one of theirs is in the history. */
    verdict: text("verdict", { enum: ["looks_good", "not_yet"] })
      .notNull()
      .default("looks_good"),
    /** Of "not yet", for the authors. */
    reason: text("reason"),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.revision, table.actor] })],
);

/** Commits that were rolled back here: a candidate that contains one is refused until somebody allows it again. */
export const blockedCommits = pgTable(
  "blocked_commits",
  {
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    revision: text("revision").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    at: at("at").notNull(),
    allowedBy: jsonb("allowed_by"),
    allowedBecause: text("allowed_because"),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.revision] })],
);

/** Revisions that passed all one environment requires. */
export const candidates = pgTable(
  "candidates",
  {
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    revision: text("revision").notNull(),
    runId: uuid("run_id").notNull(),
    since: at("since").notNull(),
    /** Position in the branch's history as we saw it: newer is higher. */
    position: bigint("position", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.revision] })],
);

/** Revisions of companions that have passed all that is required of them. `source`: the app, the repository and its branch. */
export const passedRevisions = pgTable(
  "passed_revisions",
  {
    source: text("source").notNull(),
    revision: text("revision").notNull(),
    runId: uuid("run_id").notNull(),
    since: at("since").notNull(),
    /** As of candidates: newer is higher. A revision that came late is above those that it contains. */
    position: bigint("position", { mode: "number" }).notNull(),
    /** Since then CI does again what had proven it. */
    lostAt: at("lost_at"),
  },
  (table) => [primaryKey({ columns: [table.source, table.revision] })],
);

/** What CI deployed where CI deploys: a row for each deployment of the provider, folded from what was told in whatever order. */
export const observed = pgTable(
  "observed",
  {
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    /** The provider's id of the deployment, or the job that was taken for one. */
    externalId: text("external_id").notNull(),
    body: jsonb("body").notNull(),
    /** When it was last said to be live; null: never. */
    liveAt: at("live_at"),
  },
  (table) => [
    primaryKey({ columns: [table.environmentId, table.externalId] }),
    index("observed_live").on(table.environmentId, table.liveAt),
  ],
);

/** Environments that CI makes for a merge request and throws away. */
export const reviews = pgTable(
  "reviews",
  {
    app: text("app").notNull(),
    /** The provider's name of it. */
    name: text("name").notNull(),
    body: jsonb("body").notNull(),
    /** Of the newest word on it. */
    toldAt: at("told_at").notNull(),
    isOpen: boolean("is_open").notNull(),
  },
  (table) => [primaryKey({ columns: [table.app, table.name] })],
);

/** Acceptance runs that were started by us, each for one deployment; asked for once, whatever dies. */
export const acceptances = pgTable(
  "acceptances",
  {
    environmentId: text("environment_id")
      .notNull()
      .references(() => environments.id),
    /** Our deployment's id, or `ci:` and the provider's. */
    subject: text("subject").notNull(),
    revision: text("revision").notNull(),
    /** The provider's run or pipeline; null: it did not say which one it is, or was not asked yet. */
    workflowRun: text("workflow_run"),
    url: text("url"),
    /** Why it could not be started; null: it was, or is about to be. */
    failedBecause: text("failed_because"),
    askedAt: at("asked_at"),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.subject] }), index("acceptances_run").on(table.workflowRun)],
);

export const runs = pgTable(
  "runs",
  {
    id: uuid("id").primaryKey(),
    app: text("app").notNull(),
    revision: text("revision").notNull(),
    position: bigint("position", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    body: jsonb("body").notNull(),
    /** Against the live revision of the app's approval environment; asked when the run was first seen. */
    changes: jsonb("changes"),
    /** When the code host was last asked for it because CI had not been heard of, and what it said. */
    askedAt: at("asked_at"),
    askedAnswer: text("asked_answer", { enum: ["the same", "no answer"] }),
    firstSeen: at("first_seen").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (table) => [uniqueIndex("runs_revision").on(table.app, table.revision)],
);

/** A webhook as it came. `id` dedupes; the body is bytes, since foreign text need not be valid text. */
export const deliveries = pgTable(
  "deliveries",
  {
    source: text("source").notNull(),
    connection: text("connection").notNull(),
    /** The sender's: two senders may choose the same, so it is a key only with who sent it. */
    id: text("id").notNull(),
    event: text("event"),
    headers: jsonb("headers").notNull(),
    body: bytea("body").notNull(),
    receivedAt: at("received_at").notNull(),
    result: text("result", { enum: ["accepted", "ignored", "failed"] }),
    reason: text("reason"),
    /** Nobody else reads it before: somebody does, or could not. */
    notBefore: at("not_before"),
    /** How often it could not be read. */
    failures: integer("failures").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.source, table.connection, table.id] }),
    index("deliveries_unread")
      .on(table.receivedAt)
      .where(sql`${table.result} is null`),
  ],
);

/** A press or command, stored before it is acknowledged; without an answer it is resumed at start. */
export const clicks = pgTable("clicks", {
  id: text("id").primaryKey(),
  body: jsonb("body").notNull(),
  receivedAt: at("received_at").notNull(),
  answer: jsonb("answer"),
  answeredAt: at("answered_at"),
});

export const cards = pgTable(
  "cards",
  {
    id: uuid("id").primaryKey(),
    app: text("app").notNull(),
    channel: text("channel").notNull(),
    /** The subject drawn now: a run's card is handed to the first deployment that needs approval for it. */
    runId: uuid("run_id"),
    deploymentId: uuid("deployment_id"),
    postedChannel: text("posted_channel"),
    ts: text("ts"),
    posting: boolean("posting").notNull().default(false),
    priority: text("priority", { enum: ["terminal", "ask", "change", "tick"] }).notNull(),
    /** Rises with every change of the subject; the painter draws until it has drawn the newest. */
    version: integer("version").notNull().default(1),
    drawnVersion: integer("drawn_version").notNull().default(0),
    drawnHash: text("drawn_hash"),
    /** Has durations that go on by themselves. */
    ticking: boolean("ticking").notNull().default(false),
    firstDrawnAt: at("first_drawn_at"),
    lastDrawnAt: at("last_drawn_at"),
    brokenBecause: text("broken_because"),
  },
  (table) => [
    uniqueIndex("cards_run")
      .on(table.runId)
      .where(sql`${table.runId} is not null`),
    uniqueIndex("cards_deployment")
      .on(table.deploymentId)
      .where(sql`${table.deploymentId} is not null`),
  ],
);

export const replies = pgTable(
  "replies",
  {
    id: uuid("id").primaryKey(),
    order: bigint("order", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    cardId: uuid("card_id")
      .notNull()
      .references(() => cards.id),
    key: text("key").notNull(),
    body: jsonb("body").notNull(),
    deploymentId: uuid("deployment_id"),
    posting: boolean("posting").notNull().default(false),
    /** Of a picture: the file that was uploaded for it and how often it was begun to be posted. */
    upload: jsonb("upload"),
    ts: text("ts"),
    /** Posted, but its button has nothing to do any more: to be drawn again. */
    stale: boolean("stale").notNull().default(false),
    failedBecause: text("failed_because"),
    at: at("at").notNull(),
  },
  (table) => [uniqueIndex("replies_key").on(table.cardId, table.key)],
);

/** Append-only, chained by HMAC per environment (invariant 8). */
export const history = pgTable(
  "history",
  {
    environmentId: text("environment_id").notNull(),
    sequence: integer("sequence").notNull(),
    at: at("at").notNull(),
    kind: text("kind").notNull(),
    deploymentId: uuid("deployment_id"),
    body: jsonb("body").notNull(),
    previous: text("previous").notNull(),
    mac: text("mac").notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.sequence] })],
);

export const measurements = pgTable(
  "measurements",
  {
    deploymentId: uuid("deployment_id")
      .notNull()
      .references(() => deployments.id),
    monitor: text("monitor").notNull(),
    look: integer("look").notNull(),
    at: at("at").notNull(),
    body: jsonb("body").notNull(),
  },
  (table) => [primaryKey({ columns: [table.deploymentId, table.monitor, table.look] })],
);

/** Trouble with a deployment for which somebody may have to be woken; one row per deployment, however often it comes back. */
export const incidents = pgTable("incidents", {
  deploymentId: uuid("deployment_id")
    .primaryKey()
    .references(() => deployments.id),
  /** When the present trouble began; null: it is over. */
  since: at("since"),
  /** What the pager was told last; null: nothing. */
  told: text("told").$type<"trigger" | "acknowledge" | "resolve">(),
  /** What it was paged for last. */
  cause: text("cause"),
  /** How many calls there were. */
  calls: integer("calls").notNull().default(0),
  /** When people are told what happened at night; null: there is nothing to tell. */
  noteAt: at("note_at"),
});

/** Calls to a pager, told in their order until they are taken or refused for good. */
export const pages = pgTable(
  "pages",
  {
    deploymentId: uuid("deployment_id")
      .notNull()
      .references(() => deployments.id),
    sequence: integer("sequence").notNull(),
    connection: text("connection").notNull(),
    body: jsonb("body").notNull(),
    at: at("at").notNull(),
    tries: integer("tries").notNull().default(0),
    sentAt: at("sent_at"),
    failedBecause: text("failed_because"),
  },
  (table) => [primaryKey({ columns: [table.deploymentId, table.sequence] })],
);

/** Issues that came after the watch and were told: each once. */
export const lateIssues = pgTable(
  "late_issues",
  {
    deploymentId: uuid("deployment_id")
      .notNull()
      .references(() => deployments.id),
    issue: text("issue").notNull(),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.deploymentId, table.issue] })],
);

/** Regressions that watches saw, one a deployment, and what people say of them: how far the judge can be trusted is counted here. */
export const alarms = pgTable("alarms", {
  deploymentId: uuid("deployment_id")
    .primaryKey()
    .references(() => deployments.id),
  seenAt: at("seen_at").notNull(),
  /** When `on_regression: rollback` would have begun to act, or did; null: it would have waited for a person. */
  wouldActAt: at("would_act_at"),
  /** The last word on it; null: nobody has said anything. Earlier ones are in the history. */
  isReal: boolean("is_real"),
  saidBy: jsonb("said_by"),
  saidAt: at("said_at"),
});

/** Who paints: one replica per workspace at a time. */
export const leases = pgTable("leases", {
  name: text("name").primaryKey(),
  holder: text("holder").notNull(),
  until: at("until").notNull(),
});

/** When Slack was away: by that nothing lapses that waits for people. `until` null: it is away still. */
export const absences = pgTable("absences", { since: at("since").primaryKey(), until: at("until") }, (table) => [
  uniqueIndex("absences_one")
    .on(sql`(${table.until} is null)`)
    .where(sql`${table.until} is null`),
]);

/** What is left of each person's presses in a minute, over all replicas. */
export const rates = pgTable("rates", {
  slackId: text("slack_id").primaryKey(),
  left: doublePrecision("left").notNull(),
  at: at("at").notNull(),
});

/** The bot replicas that drive: with which configuration, and when last seen. */
export const replicas = pgTable("replicas", {
  id: text("id").primaryKey(),
  configHash: text("config_hash").notNull(),
  seenAt: at("seen_at").notNull(),
});

/** What the code host was told of a deployment or a commit: found there by our id after a crash, and told again after an outage. */
export const told = pgTable("told", {
  /** `deployment:ID`, or `mark:ENVIRONMENT:REVISION`. */
  key: text("key").primaryKey(),
  /** The last thing that it took; null: nothing yet. */
  said: text("said"),
  /** Tries in a row that failed. */
  tries: integer("tries").notNull().default(0),
  /** Somebody is telling it; two at once would both find nothing there, and both create it. */
  claimedUntil: at("claimed_until"),
  at: at("at").notNull(),
});

/** When something that one replica does for all was last begun. */
export const chores = pgTable("chores", {
  name: text("name").primaryKey(),
  begunAt: at("begun_at").notNull(),
});

/** Which images were built from which revision, as registries and CI told. */
export const images = pgTable(
  "images",
  {
    app: text("app").notNull(),
    /** Without tag and digest. */
    image: text("image").notNull(),
    revision: text("revision").notNull(),
    digest: text("digest").notNull(),
    tag: text("tag"),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.app, table.image, table.revision, table.digest] })],
);

/** Gates of the provider's own that wait for an answer from a card. */
export const gates = pgTable(
  "gates",
  {
    connection: text("connection").notNull(),
    repository: text("repository").notNull(),
    workflowRun: text("workflow_run").notNull(),
    /** As the provider calls it. */
    environment: text("environment").notNull(),
    askedAt: at("asked_at").notNull(),
    environmentId: text("environment_id").notNull(),
    revision: text("revision").notNull(),
    /** What people are asked on; null: nobody was, and the answer says why. */
    deploymentId: uuid("deployment_id"),
    answer: text("answer", { enum: ["approved", "rejected"] }),
    comment: text("comment"),
    /** The provider has it. */
    answeredAt: at("answered_at"),
  },
  (table) => [
    primaryKey({ name: "gates_pk", columns: [table.connection, table.repository, table.workflowRun, table.environment, table.askedAt] }),
  ],
);
