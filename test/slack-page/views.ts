import type { HomeView, KnownBlock, ModalView, PlainTextElement } from "@slack/types";

/** Views as a bot would open them, with every input the page draws. */

export function plain(text: string): PlainTextElement {
  return { type: "plain_text", text };
}

function section(text: string): KnownBlock {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

export function option(text: string, value: string): { text: PlainTextElement; value: string } {
  return { text: plain(text), value };
}

export const deployForm: ModalView = {
  type: "modal",
  callback_id: "deploy",
  title: plain("Deploy shop"),
  submit: plain("Ask for approval"),
  close: plain("Close"),
  blocks: [
    {
      type: "input",
      block_id: "where",
      label: plain("Where"),
      dispatch_action: true,
      element: {
        type: "static_select",
        action_id: "environment",
        options: [option("production", "production"), option("staging", "staging")],
        initial_option: option("production", "production"),
      },
    },
    {
      type: "input",
      block_id: "what",
      label: plain("What"),
      hint: plain("Search by title, branch, tag or commit"),
      element: { type: "external_select", action_id: "version", min_query_length: 0, placeholder: plain("Newest that passed") },
    },
    {
      type: "input",
      block_id: "why",
      label: plain("Reason"),
      optional: true,
      element: { type: "plain_text_input", action_id: "reason", multiline: true, max_length: 200 },
    },
    {
      type: "input",
      block_id: "how",
      label: plain("How"),
      element: {
        type: "radio_buttons",
        action_id: "pace",
        options: [
          { ...option("One server at a time", "one"), description: plain("No downtime, about 2 min") },
          { ...option("All at once", "all"), description: plain("About 40 s, visitors may notice") },
        ],
        initial_option: { ...option("One server at a time", "one"), description: plain("No downtime, about 2 min") },
      },
    },
    {
      type: "input",
      block_id: "tell",
      label: plain("Tell"),
      optional: true,
      element: { type: "checkboxes", action_id: "whom", options: [option("The authors", "authors"), option("#general", "general")] },
    },
    section("*What will change*\n• Pay with Bancontact, Bob\n• Show the delivery date in the basket, Cleo"),
    section(":white_check_mark: *Safe to undo:* yes. The database gains one column.\n:white_check_mark: *Tests:* all 4 stages passed"),
    {
      type: "alert",
      level: "info",
      text: { type: "mrkdwn", text: "Nothing starts yet. This asks <!subteam^S01OWNERS> for one yes; Ann can give it." },
    },
  ],
};

function row(text: string, button: string, action: string, style?: "primary"): KnownBlock {
  return {
    type: "section",
    text: { type: "mrkdwn", text, verbatim: true },
    accessory: { type: "button", action_id: action, text: plain(button), value: "1", ...(style === undefined ? {} : { style }) },
  };
}

function heading(text: string): KnownBlock {
  return { type: "header", text: plain(text) };
}

export const home: HomeView = {
  type: "home",
  blocks: [
    heading("Hello Ann, one thing waits for you"),
    { type: "context", elements: [{ type: "mrkdwn", text: "As of 09:24" }] },
    { type: "actions", elements: [{ type: "button", action_id: "new_deployment", text: plain("New deployment…") }] },
    heading("Waits for you"),
    row(
      ":double_vertical_bar: *shop to production waits for your yes*\n3 changes, tests passed, safe to undo. Until Wed 09:14.",
      "Review",
      "review",
      "primary",
    ),
    heading("Going on now"),
    row(
      ":hourglass_flowing_sand: *blog to staging is deploying*\nRestarting its one server, 20 s of about 1 min. Started by itself.",
      "Open card",
      "open_card",
    ),
    heading("Live now"),
    section(":large_green_circle: *shop in production*\nFaster product search, `4c1e77d`, healthy since Mon 10:02"),
    {
      type: "actions",
      elements: [
        { type: "button", action_id: "roll_back", text: plain("Roll back…") },
        {
          type: "overflow",
          action_id: "more",
          options: [option("Deploy…", "deploy"), option("History", "history"), option("Lock…", "lock")],
        },
      ],
    },
    row(":warning: *blog in production, not verified*\nNew footer, `b81f034`, since Fri 11:20. Sentry sent nothing.", "Look", "look"),
    heading("Before"),
    section(":white_check_mark: *shop to production, healthy*\nFaster product search. Approved by you, Mon 10:00, took 1 min 51 s."),
    section(
      ":arrows_counterclockwise: *shop to production, rolled back*\nNew checkout page. Live for 9 min on Thu 19, back in 44 s by Bob.",
    ),
  ],
};
