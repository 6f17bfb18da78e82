import { setTimeout as pause } from "node:timers/promises";
import type { App, BlockAction, BlockSuggestion, ExternalSelectAction, StaticSelectAction, ViewOutput } from "@slack/bolt";
import type { DeployChoices } from "../../domain/intent.ts";
import type { RefChoices } from "../../domain/ref-choices.ts";
import { ACTIONS, SHORTCUTS } from "../action-ids.ts";
import { LIMITS } from "../limits.ts";
import type { Where } from "../deps.ts";
import { option, section } from "../render/blocks.ts";
import { plainly } from "../presses.ts";
import { renderDeployView, renderLoadingView } from "../render/deploy-view.ts";
import { NO_CHOICE, renderRefOptions } from "../render/ref-options.ts";
import { encodeViewData } from "../view-data.ts";
import type { Desk } from "./desk.ts";

export type Chosen = { readonly app: string | null; readonly environment: string | null; readonly revision: string | null };
/** Slack waits 3 s for options (docs.slack.dev, block_suggestion); the rest is for the network. */
const OPTIONS_MS = 2_400;
const SILENT: RefChoices = { candidates: [], branches: [], tags: [], commits: [], away: true };
const NO_APP = "There is no app that you may see here. Ask to be invited to its channel, or to be named in its `visible_to`.";
const NOTHING: Chosen = { app: null, environment: null, revision: null };

/** Opens at once, fills itself afterwards: whatever has to be read may take longer than a trigger lives. */
export async function openDeployModal(
  desk: Desk,
  press: { readonly trigger: string; readonly user: string; readonly where: Where; readonly chosen: Chosen },
): Promise<void> {
  const data = encodeViewData("deploy", press.where);
  try {
    const { view } = await desk.client.views.open({ trigger_id: press.trigger, view: renderLoadingView(data) });
    if (view?.id === undefined) return;
    await fill(desk, { id: view.id, hash: view.hash ?? null, data, user: press.user, chosen: press.chosen });
  } catch (error) {
    desk.deps.log("warn", "the deploy form was not opened", { because: error instanceof Error ? error.message : "unknown" });
    await desk.presses.tell(press.user, press.where, plainly("Slack did not open the form in time. Nothing was done, try again."));
  }
}

type Filling = { readonly id: string; readonly hash: string | null; readonly data: string; readonly user: string; readonly chosen: Chosen };

/** The hash makes an older answer lose against a newer choice. */
async function fill(desk: Desk, form: Filling): Promise<void> {
  const view = await filled(desk, form);
  await desk.client.views.update({ view_id: form.id, view, ...(form.hash === null ? {} : { hash: form.hash }) }).catch((error: unknown) => {
    desk.deps.log("info", "a form had changed meanwhile", { because: error instanceof Error ? error.message : "unknown" });
  });
}

async function filled(desk: Desk, form: Filling): Promise<ReturnType<typeof renderLoadingView>> {
  try {
    const choices = await desk.deps.deployChoices({ ...form.chosen, user: form.user });
    if (choices === null) return { ...renderLoadingView(form.data), blocks: [section(NO_APP)] };
    const context = { now: desk.deps.now(), timezone: desk.timezone };
    return renderDeployView(choices, { data: form.data, context, card: await linkTo(desk, choices.card ?? null) });
  } catch (error) {
    desk.deps.report(error, { doing: "filling the deploy form" });
    return {
      ...renderLoadingView(form.data),
      blocks: [section(":warning: What may be deployed could not be read. Close this and try again.")],
    };
  }
}

/** Null: there is no card, or Slack does not say its address now. */
async function linkTo(desk: Desk, card: NonNullable<DeployChoices["card"]> | null): Promise<string | null> {
  if (card === null) return null;
  const answer = await desk.client.chat.getPermalink({ channel: card.channel, message_ts: card.ts }).catch(() => null);
  return answer?.permalink ?? null;
}

/** What is chosen now, by the action's names: block ids change with the choices before them. */
export function chosenIn(view: ViewOutput): Chosen {
  const found = new Map<string, string>();
  for (const block of Object.values(view.state.values)) {
    for (const [action, element] of Object.entries(block)) {
      const value = element.selected_option?.value;
      if (typeof value === "string" && value !== NO_CHOICE) found.set(action, value);
    }
  }
  return {
    app: found.get(ACTIONS.deployApp) ?? null,
    environment: found.get(ACTIONS.deployEnvironment) ?? null,
    revision: found.get(ACTIONS.deployRevision) ?? null,
  };
}

export function listenToDeployModal(app: App, desk: Desk): void {
  for (const id of [ACTIONS.deployApp, ACTIONS.deployEnvironment, ACTIONS.deployRevision]) {
    app.action<BlockAction<StaticSelectAction | ExternalSelectAction>>(
      { type: "block_actions", action_id: id },
      async ({ ack, body, action }) => {
        await ack();
        const { view } = body;
        const picked = action.selected_option?.value;
        if (view === undefined || picked === undefined || picked === NO_CHOICE) return;
        const before = chosenIn(view);
        // Another app has other environments, another environment other candidates.
        const chosen: Chosen =
          id === ACTIONS.deployApp
            ? { ...NOTHING, app: picked }
            : id === ACTIONS.deployEnvironment
              ? { ...before, environment: picked, revision: null }
              : { ...before, revision: picked };
        await fill(desk, { id: view.id, hash: view.hash, data: view.private_metadata, user: body.user.id, chosen });
      },
    );
  }

  app.options<"block_suggestion">({ type: "block_suggestion", action_id: ACTIONS.deployRevision }, async ({ ack, body }) => {
    await ack(renderRefOptions(await searched(desk, body)));
  });

  app.options<"block_suggestion">({ type: "block_suggestion", action_id: ACTIONS.deployApp }, async ({ ack, body }) => {
    const names = await appsOf(desk, body);
    await ack({ options: names.slice(0, LIMITS.selectOptions).map((name) => option(name, name)) });
  });

  app.action<BlockAction>({ type: "block_actions", action_id: ACTIONS.homeDeploy }, async ({ ack, body }) => {
    await ack();
    await openDeployModal(desk, { trigger: body.trigger_id, user: body.user.id, where: NOWHERE, chosen: NOTHING });
  });

  app.shortcut(SHORTCUTS.newDeploy, async ({ ack, body }) => {
    await ack();
    await openDeployModal(desk, { trigger: body.trigger_id, user: body.user.id, where: NOWHERE, chosen: NOTHING });
  });
}

/** By the app and environment that the select was drawn for: what the view's state says of them Slack does not promise. */
async function searched(desk: Desk, body: BlockSuggestion): Promise<RefChoices> {
  const [, app = "", environment = ""] = body.block_id.split(":");
  return inTime(desk, SILENT, desk.deps.searchRefs({ app, environment, text: body.value, user: body.user.id }));
}

/** Apps that this person may use, by what they typed. */
export async function appsOf(desk: Desk, body: BlockSuggestion): Promise<readonly string[]> {
  const known = await inTime(desk, [], desk.deps.vocabulary(body.user.id));
  const wanted = body.value.trim().toLowerCase();
  return known.map(({ app }) => app).filter((name) => name.toLowerCase().includes(wanted) && name.length <= LIMITS.optionValue);
}

/** Late options are no options: Slack shows an error instead of them. */
async function inTime<Value>(desk: Desk, instead: Value, work: Promise<Value>): Promise<Value> {
  const timer = new AbortController();
  try {
    return await Promise.race([work, pause(OPTIONS_MS, instead, { signal: timer.signal, ref: false })]);
  } catch (error) {
    desk.deps.report(error, { doing: "searching for a version" });
    return instead;
  } finally {
    timer.abort();
  }
}

/** Without a channel the answer comes as a direct message. */
const NOWHERE: Where = { channel: null, thread: null, responseUrl: null };
