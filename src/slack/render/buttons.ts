import type { Button } from "@slack/types";
import type { DeploymentCard } from "../../domain/card.ts";
import { shortSha } from "../../domain/ids.ts";
import { revertPage } from "../../domain/revert.ts";
import { worstIssue } from "../../domain/verdict/worst-issue.ts";
import { ACTIONS } from "../action-ids.ts";
import { encodeValue, pressedOf } from "../action-value.ts";
import { about, count } from "../words.ts";
import { button, linkButton } from "./blocks.ts";
import { onlyByHand, rollBackSchemaButton, schemaBack } from "./database.ts";
import { changeCount } from "./parts.ts";
import { plainVersion } from "./version.ts";

/** The buttons of deployment cards. Each carries the deployment, the counter of decisions and the digest of what is shown. */

type Deployed = DeploymentCard["deployment"];

export function approveButton(card: DeploymentCard): Button {
  const missing = card.required - card.approvals.length;
  const last = missing <= 1;
  const hosts = card.deployment.plan.hosts.map((host) => host.name);
  const byCi = card.deployment.plan.gate !== undefined;
  const where = byCi ? "CI deploys it" : hosts.length <= 3 ? hosts.join(" and ") : count(hosts.length, "server");
  const time = card.usualMs === null ? "" : `, about ${about(card.usualMs)}`;
  const after = byCi
    ? "CI goes back, too, if it has to."
    : card.wayBack === null
      ? "There is no earlier version to go back to."
      : AFTERWARDS[card.undo.kind];
  return button({
    action: ACTIONS.approve,
    label: last ? "Approve & Deploy" : `Approve (${card.approvals.length + 1} of ${card.required})`,
    spoken: `Approve ${card.app} to ${card.environment.name}`,
    style: "primary",
    value: valueOf(card.deployment),
    confirm: {
      title: `Deploy ${whatGoes(card.deployment)} to ${card.environment.name}?`,
      text: `${where}${time}. ${last ? (card.closing === null ? (byCi ? "It may go on at once." : "It starts at once.") : "It starts when it is open again.") : `${missing - 1} more yes after yours.`} ${after}`,
      yes: last ? "Approve & Deploy" : "Approve",
      no: "Not yet",
    },
  });
}

const AFTERWARDS: Readonly<Record<DeploymentCard["undo"]["kind"], string>> = {
  yes: "You can roll back at any time.",
  code_only: "You can roll back the code at any time, not the database.",
  no: "Code alone cannot go back afterwards.",
  unknown: "Nobody knows whether it is safe to roll back.",
};

/** What the button deploys, in the words of its card; where nothing can be counted, what it is. */
function whatGoes({ changes, from }: Deployed): string {
  if (from !== null && changes.changes.length === 0) return "this version";
  return changeCount(changes, { first: from === null });
}

export function rejectButton(card: DeploymentCard): Button {
  return button({
    action: ACTIONS.reject,
    label: "Reject…",
    spoken: `Reject ${card.app} to ${card.environment.name}, with a reason`,
    value: valueOf(card.deployment),
  });
}

export function cancelButton(card: DeploymentCard): Button {
  const rollback = card.deployment.kind === "rollback";
  return button({
    action: ACTIONS.cancel,
    label: "Cancel…",
    spoken: rollback ? `Cancel the roll back of ${card.app} in ${card.environment.name}` : `Cancel ${card.app} to ${card.environment.name}`,
    value: valueOf(card.deployment),
    confirm: {
      title: rollback ? "Cancel this roll back?" : "Cancel this deployment?",
      text: "Nothing has started. Nothing is changed.",
      yes: "Cancel it",
      no: "Keep it",
    },
  });
}

/** While it runs: stop, and take the servers back when there is something to go back to. */
export function stopButton(card: DeploymentCard): Button {
  const back = card.wayBack;
  const where = `${card.app} in ${card.environment.name}`;
  if (back === null || card.deployment.kind === "rollback") {
    return button({
      action: ACTIONS.cancel,
      label: "Stop…",
      spoken: `Stop ${where}`,
      value: valueOf(card.deployment),
      confirm: {
        title: `Stop ${where}?`,
        text: "The running step is ended. Servers that have it keep it, the others do not get it.",
        yes: "Stop",
        no: "Go on",
        danger: true,
      },
    });
  }
  return button({
    action: ACTIONS.stopAndRollBack,
    label: "Stop and roll back…",
    spoken: `Stop and roll back ${where} to ${shortSha(back.revision)}`,
    value: valueOf(card.deployment),
    confirm: {
      title: `Stop ${where}?`,
      text: `The running step is ended, then the servers that it changed go back to ${plainVersion(back)}. The database stays as it is then.`,
      yes: "Stop and roll back",
      no: "Go on",
      danger: true,
    },
  });
}

/** Red, with the version: only when something is wrong. */
export function rollBackButton(card: DeploymentCard, label?: string): Button | null {
  const back = card.wayBack;
  if (back === null || onlyByHand(card)) return null;
  const schema = schemaBack(card);
  if (schema !== null) return rollBackSchemaButton(card, schema);
  const short = shortSha(back.revision);
  return button({
    action: ACTIONS.rollBack,
    label: label ?? `Roll back to ${short}`,
    spoken: `Roll back ${card.app} in ${card.environment.name} to ${short}`,
    style: "danger",
    value: valueOf(card.deployment),
    confirm: {
      title: `Roll back ${card.app} to ${short}?`,
      text: `${count(goingBack(card), "server")} go back to ${plainVersion(back)}${card.usualMs === null ? "" : `, about ${about(card.usualMs)}`}. Code only, the database is not changed.`.replace(
        /^1 server go /u,
        "1 server goes ",
      ),
      yes: "Roll back",
      no: "Keep it",
      danger: true,
    },
  });
}

/** All of its servers if it went live; if it stopped half-way, those that it changed. */
function goingBack({ deployment, hosts }: DeploymentCard): number {
  const all = deployment.plan.hosts.length;
  if (deployment.liveAt !== null) return all;
  const changed = hosts.filter((state) => state.as === "changing" || state.revision === deployment.revision).length;
  return changed === 0 ? all : changed;
}

/** Plain, on a healthy card: asks for a reason first. */
export function rollBackAskButton(card: DeploymentCard): Button | null {
  if (card.wayBack === null || onlyByHand(card)) return null;
  const schema = schemaBack(card);
  if (schema !== null) return rollBackSchemaButton(card, schema);
  return button({
    action: ACTIONS.rollBackAsk,
    label: "Roll back…",
    spoken: `Roll back ${card.app} in ${card.environment.name} to ${shortSha(card.wayBack.revision)}`,
    value: valueOf(card.deployment),
  });
}

export function onItButton(card: DeploymentCard): Button | null {
  if (card.onIt !== null) return null;
  return button({
    action: ACTIONS.onIt,
    label: "I’m on it",
    spoken: `I am looking at ${card.app} in ${card.environment.name}`,
    value: valueOf(card.deployment),
  });
}

export function keepButton(card: DeploymentCard): Button {
  return button({
    action: ACTIONS.keepWatching,
    label: "Keep and watch",
    spoken: `Keep ${card.app} in ${card.environment.name} and watch on`,
    value: valueOf(card.deployment),
  });
}

export function stopCountdownButton(card: DeploymentCard): Button {
  return button({
    action: ACTIONS.stopCountdown,
    label: "Stop countdown…",
    spoken: `Stop the roll back of ${card.app} in ${card.environment.name}`,
    value: valueOf(card.deployment),
    confirm: {
      title: "Stop the countdown?",
      text: "This version stays live although it does harm. Greenlight goes on measuring and does not count down again; you can still roll back.",
      yes: "Stop countdown",
      no: "Let it roll back",
    },
  });
}

export function allowAgainButton(card: DeploymentCard): Button {
  return button({
    action: ACTIONS.allowAgain,
    label: "Allow again…",
    spoken: `Allow ${shortSha(card.deployment.revision)} in ${card.environment.name} again, with a reason`,
    value: valueOf(card.deployment),
  });
}

export function openShop(card: DeploymentCard): Button | null {
  return linkButton({ action: "link_shop", label: openLabel(card.app), url: card.environment.url });
}

export function openSentry(card: DeploymentCard): Button | null {
  const { state } = card.deployment;
  const verdict = "verdict" in state ? state.verdict : null;
  const url = verdict?.figures.newIssues.find((issue) => issue.url !== null)?.url ?? null;
  return linkButton({ action: "link_sentry", label: "Open Sentry", url });
}

/** The page of the request that brought the trouble, where the code host itself reverts it. */
export function openRevert({ deployment }: DeploymentCard): Button | null {
  const { state, changes } = deployment;
  const issues = "verdict" in state ? (state.verdict?.figures.newIssues ?? []) : [];
  const suspect = worstIssue(issues)?.suspect?.revision ?? null;
  return linkButton({ action: "link_revert", label: "Open a revert", url: revertPage(changes, suspect) });
}

export function openRun(card: DeploymentCard): Button | null {
  return linkButton({
    action: "link_run",
    label: "Open the run",
    url: card.run?.workflows.findLast((workflow) => workflow.url !== null)?.url ?? null,
  });
}

export function compareButton(url: string | null): Button | null {
  return linkButton({ action: "link_compare", label: "Compare", url });
}

function openLabel(app: string): string {
  return app.length <= 15 ? `Open ${app}` : "Open the site";
}

function valueOf(deployment: Deployed): string {
  return encodeValue(pressedOf(deployment));
}
