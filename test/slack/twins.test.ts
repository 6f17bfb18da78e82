import { expect, test } from "vitest";
import { ACTIONS } from "../../src/slack/action-ids.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context, deploymentId } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { openOffice } from "./office.ts";

async function posted(slack: TestSlack): Promise<string> {
  const model = everyCard()["approval"];
  if (model === undefined) throw new Error("no approval card");
  const { text, blocks } = renderCard(model, context);
  return (await slack.web.chat.postMessage({ channel: "C01DEPLOYS", text, blocks })).ts ?? "";
}

test.each(["socket", "http"] as const)(
  "a press in a card that was posted twice counts, and that card points to the other one (%s)",
  async (mode) => {
    await using slack = await startSlack();
    const [first, second] = [await posted(slack), await posted(slack)];
    const asked: unknown[] = [];
    await using office = await openOffice(slack, mode, {
      deps: {
        async cardElsewhere(message, deployment) {
          asked.push(deployment);
          return message.ts === second ? null : { channel: "C01DEPLOYS", ts: second };
        },
      },
    });
    const text = (ts: string): string => slack.messages("C01DEPLOYS").find((message) => message.ts === ts)?.text ?? "";
    await slack.click({ user: "U01ANN", channel: "C01DEPLOYS", ts: first, action_id: ACTIONS.approve });
    await until(() => text(first).startsWith("This card was posted twice"));
    const old = JSON.stringify(slack.messages("C01DEPLOYS").find((message) => message.ts === first)?.blocks);
    expect(old).toContain(`/archives/C01DEPLOYS/p${second.replace(".", "")}`);
    expect(old).not.toContain(ACTIONS.approve);
    await until(() => office.ledger.answered.size === 1);
    await slack.click({ user: "U01ANN", channel: "C01DEPLOYS", ts: second, action_id: ACTIONS.approve });
    await until(() => office.ledger.answered.size === 2 && asked.length === 2);
    expect(asked).toEqual([deploymentId(1), deploymentId(1)]);
    expect(text(second)).toMatch(/^Approval needed/u);
    expect(office.reports).toEqual([]);
  },
);
