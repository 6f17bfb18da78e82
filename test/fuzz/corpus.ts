import { createHmac, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { wholeMessage } from "../generic-ci/message.ts";
import { jobBody, pushBody, runBody } from "../github/bodies.ts";
import { deploymentHook, mergeHook, pipelineHook, pushHook } from "../gitlab/hooks.ts";
import { createProject } from "../gitlab/project.ts";
import { fixturesFolder } from "../support/fixtures.ts";

export const SECRETS = {
  github: "a-secret-of-the-fuzz",
  gitlab: `whsec_${Buffer.from("a signing token of the fuzz").toString("base64")}`,
  ci: "a-ci-secret-of-the-fuzz",
};
export const SOURCES = ["github", "gitlab", "ci"] as const;
export type Source = (typeof SOURCES)[number];

export type Message = { readonly source: Source; readonly event: string; readonly body: unknown; readonly recorded: boolean };

/** What real senders send of the repositories that are watched, and what was recorded of others where the recordings are there. */
export function corpus(): readonly Message[] {
  return [...own().map((message) => ({ ...message, recorded: false })), ...recorded("github"), ...recorded("gitlab")];
}

function own(): readonly Omit<Message, "recorded">[] {
  return [
    { source: "github", event: "push", body: pushBody() },
    { source: "github", event: "workflow_run", body: runBody() },
    { source: "github", event: "workflow_run", body: runBody({ status: "in_progress", conclusion: null }) },
    { source: "github", event: "workflow_job", body: jobBody() },
    { source: "github", event: "workflow_job", body: jobBody({ status: "queued", conclusion: null }) },
    ...gitlab(),
    { source: "ci", event: "", body: wholeMessage() },
    {
      source: "ci",
      event: "",
      body: { version: 1, provider: "x", project: "shop", build: { id: 7, sha: "b".repeat(40), branch: "main", status: "running" } },
    },
  ];
}

function gitlab(): readonly Omit<Message, "recorded">[] {
  const project = createProject("acme/web/shop");
  const sha = "a".repeat(40);
  const pipeline = {
    id: 7,
    sha,
    ref: "main",
    tag: false,
    source: "push",
    created_at: new Date("2026-03-02T09:00:00Z"),
    finished_at: null,
    parent: null,
    jobs: [],
  };
  return [
    { source: "gitlab", event: "Push Hook", body: pushHook(project, sha) },
    { source: "gitlab", event: "Pipeline Hook", body: pipelineHook(project, pipeline) },
    { source: "gitlab", event: "Deployment Hook", body: deploymentHook(project, sha) },
    { source: "gitlab", event: "Merge Request Hook", body: mergeHook(project, sha) },
  ];
}

function recorded(source: "github" | "gitlab"): readonly Message[] {
  const folder = fixturesFolder(`${source}/webhooks`);
  if (folder === null) return [];
  return readdirSync(folder).map((file) => ({
    source,
    event: source === "github" ? (file.split(".")[0] ?? "") : "Pipeline Hook",
    body: JSON.parse(readFileSync(join(folder, file), "utf8")) as unknown,
    recorded: true,
  }));
}

/** The headers that its sender would put before these bytes. */
export function signed({ source, event }: Message, bytes: Buffer): Readonly<Record<string, string>> {
  const type = { "content-type": "application/json" };
  if (source === "github") {
    const signature = `sha256=${createHmac("sha256", SECRETS.github).update(bytes).digest("hex")}`;
    return { ...type, "x-github-event": event, "x-github-delivery": randomUUID(), "x-hub-signature-256": signature };
  }
  const id = randomUUID();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = source === "gitlab" ? Buffer.from(SECRETS.gitlab.slice("whsec_".length), "base64") : Buffer.from(SECRETS.ci);
  const signature = `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(bytes).digest("base64")}`;
  const standard = { ...type, "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  return source === "gitlab" ? { ...standard, "x-gitlab-event": event } : standard;
}
