import { describe, expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import type { SshTargetConfig } from "../../src/domain/config.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { renderCard, renderPlain } from "../../src/slack/render/card.ts";
import { planOf } from "../../src/domain/plan.ts";
import { context, environment } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { CALLS, HIDES, HOSTILE, hostile } from "./hostile.ts";
import { story } from "./story.ts";

describe("a card in every state", () => {
  for (const [name, model] of Object.entries(everyCard())) {
    test(`${name} reads as designed`, () => {
      expect(story(renderCard(model, context))).toMatchSnapshot();
    });

    test(`${name} is five slots that Slack takes, with short titles and buttons`, () => {
      const { blocks, text } = renderCard(model, context);
      expect(checkBlocks(blocks, "message", "/blocks")).toEqual([]);
      expect(blocks[0]?.type).toBe("header");
      expect(blocks[1]?.type).toBe("section");
      const [head] = blocks;
      expect(head?.type === "header" ? head.text.text.length : 999).toBeLessThanOrEqual(LIMITS.title);
      const elements = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
      const labels = elements.flatMap((element) => (element.type === "button" ? [element.text.text] : []));
      expect(labels.filter((label) => label.length > LIMITS.buttonLabel)).toEqual([]);
      expect(text.length).toBeLessThanOrEqual(LIMITS.text);
      expect(text.slice(0, LIMITS.notification)).toContain("shop");
    });
  }

  test("a regression names first what broke in a file that the deployment changes", () => {
    const { regression } = everyCard();
    if (regression?.kind !== "deployment" || regression.deployment.state.state !== "watching") throw new Error("no regression card");
    const { state } = regression.deployment;
    const { verdict } = state;
    const [frequent] = verdict?.figures.newIssues ?? [];
    if (verdict === null || frequent === undefined) throw new Error("the regression has no error");
    const rare = {
      ...frequent,
      id: "2",
      title: "KeyError: 'card'",
      place: "orders.views in basket",
      events: 3,
      changedFiles: ["backend/orders/views.py"],
    } as const;
    const told = { ...verdict, figures: { ...verdict.figures, newIssues: [frequent, rare] } };
    const model = { ...regression, deployment: { ...regression.deployment, state: { ...state, verdict: told } } };
    expect(story(renderCard(model, context))).toMatchSnapshot();
  });

  test("the notification of an approval holds app, count, safety and deadline", () => {
    const approval = everyCard()["approval"];
    if (approval === undefined) throw new Error("no approval card");
    expect(renderCard(approval, context).text.slice(0, LIMITS.notification)).toBe(
      "Approval needed: shop to production. 3 changes, safe to undo: yes, until Wed 25 Nov 10:15 CET. One yes from @product-owners is needed. Changes: Pay wi",
    );
  });
});

function approvalOf(target: Partial<SshTargetConfig>): string {
  const base = everyCard()["approval"];
  if (base?.kind !== "deployment") throw new Error("no approval card");
  const changed = { ...base.environment, target: { ...base.environment.target, ...target } };
  const plan = planOf(changed, { kind: "deploy", from: base.deployment.from, revision: base.deployment.revision });
  return renderCard({ ...base, environment: changed, deployment: { ...base.deployment, plan } }, context).text;
}

describe("an approval", () => {
  test("warns when no command names the revision, and only then", () => {
    const script = { recipe: "script", services: [] } as const;
    expect(approvalOf({ ...script, commands: { pull: ["./fetch.sh"] } })).toContain("no command names {revision}");
    expect(approvalOf({ ...script, commands: { pull: ["./fetch.sh", "{revision}"] } })).not.toContain("no command names");
    expect(approvalOf({})).not.toContain("no command names");
  });

  test("says how many servers restart at a time", () => {
    const { roll } = environment().target;
    const { hosts } = environment().target;
    const three = [...hosts, ...hosts.slice(0, 1).map((host) => ({ ...host, name: "web-3" }))];
    expect(approvalOf({ hosts: three, roll: { ...roll, batch: 2 } })).toContain("none expected, 3 servers restarted up to 2 at a time");
    expect(approvalOf({ roll: { ...roll, batch: 2 } })).toContain("for a moment, all 2 servers restart at once");
    expect(approvalOf({ hosts: hosts.slice(0, 1), roll })).toContain("for a moment, its one server restarts");
    expect(approvalOf({ roll })).toContain("restarted one at a time");
  });
});

function statusOf(index: number): "running" | "failed" | "done" | "waiting" {
  if (index === 7) return "running";
  if (index === 8) return "failed";
  return index < 7 ? "done" : "waiting";
}

test("twenty servers and thirty stages stay short, and show what runs or failed", () => {
  const base = everyCard()["executing"];
  const pipeline = everyCard()["pipeline_failed"];
  if (base?.kind !== "deployment" || pipeline?.kind !== "run") throw new Error("no such cards");
  const [host] = base.deployment.plan.hosts;
  const [workflow] = pipeline.run.workflows;
  const [job] = workflow?.jobs ?? [];
  const [step] = base.steps;
  if (host === undefined || workflow === undefined || job === undefined || step === undefined) throw new Error("an empty fixture");
  const hosts = Array.from({ length: 20 }, (_, index) => ({ ...host, name: `web-${index}` }));
  const wide = renderCard(
    {
      ...base,
      deployment: { ...base.deployment, plan: { ...base.deployment.plan, hosts } },
      steps: hosts.map((each, index) => ({ ...step, host: each.name, status: statusOf(index), exitCode: 1 })),
    },
    context,
  );
  expect(story(wide)).toContain(
    ":hourglass_flowing_sand: *web-7* is getting the code, 1 min 5 s\n:red_circle: *web-8* Code failed with exit code 1\n:white_check_mark: 7 servers have it\n:white_circle: 11 servers wait",
  );
  const jobs = Array.from({ length: 30 }, (_, index) => ({
    ...job,
    job: `${index}`,
    name: `stage ${index}`,
    status: index === 29 ? ("failed" as const) : job.status,
  }));
  const long = story(renderCard({ ...pipeline, run: { ...pipeline.run, workflows: [{ ...workflow, jobs }] } }, context));
  expect(long).toContain(":red_circle: *Stage 29* failed");
  expect(long).toContain("and 22 more stages");
});

describe("hostile words", () => {
  for (const [index] of HOSTILE.entries()) {
    test(`set ${index} is never refused, calls nobody and hides nothing`, () => {
      for (const model of Object.values(everyCard(hostile(index)))) {
        const rendered = renderCard(model, context);
        expect(checkBlocks(rendered.blocks, "message", "/blocks")).toEqual([]);
        expect(rendered.text.length).toBeLessThanOrEqual(LIMITS.text);
        expect(rendered.text).not.toMatch(CALLS);
        const marked = JSON.stringify(rendered.blocks.filter((block) => block.type === "section" || block.type === "context"));
        expect(marked).not.toMatch(CALLS);
        expect(JSON.stringify(rendered)).not.toMatch(HIDES);
        expect(JSON.stringify(rendered)).not.toContain("javascript:");
        expect(checkBlocks(renderPlain(model, context).blocks, "message", "/blocks")).toEqual([]);
      }
    });
  }
});
