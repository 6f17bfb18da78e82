// @ts-check
import { h, icon } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { mine, now, state } from "../store.js";
import { spanOf } from "../text/dates.js";

/** The strip: connection, calls against their limits, acks. */

/** An ack later than this is slow, later than the second is lost to Slack (3 s). */
const SLOW_MS = 1000;
const LOST_MS = 3000;

export function drawStrip() {
  for (const id of ["strip", "strip-copy"]) {
    const strip = document.getElementById(id);
    if (strip) fill(strip, figures());
  }
}

function figures() {
  const { calls, acks, refused429, faults, lints, relaxed, strangers } = state.dev;
  return [
    mine.connected ? connection() : h("span.bad", { "data-figure": "page" }, icon("bad"), " This page lost the simulator"),
    figure("update", "chat.update ", h("b", null, count("chat.update")), ` of ${limit("chat.update", 50)} a min`),
    figure("post", "chat.postMessage ", h("b", null, count("chat.postMessage"))),
    figure("views", "views.open ", h("b", null, count("views.open")), ` of ${limit("views.open", 100)}`),
    acks.last === null
      ? figure("acks", "Acks: ", h("b", null, "none yet"))
      : h(
          "span",
          { "data-key": "acks", "data-figure": "acks", class: slow(acks.slowest) },
          "Acks: last ",
          h("b", null, ms(acks.last)),
          ", slowest ",
          h("b", null, ms(acks.slowest)),
          " of 3 s",
        ),
    acks.unanswered > 0
      ? h(
          "span.bad",
          { "data-key": "unanswered", "data-figure": "unanswered" },
          `${acks.unanswered} ${acks.unanswered === 1 ? "press" : "presses"} not answered within 3 s`,
        )
      : null,
    h(
      "span",
      { "data-key": "429", "data-figure": "429", class: refused429 > 0 ? "slow" : null },
      "429s: ",
      h("b", null, refused429 === 0 ? "none" : String(refused429)),
    ),
    faults.length > 0
      ? h(
          "span.slow",
          { "data-key": "faults", "data-figure": "faults" },
          `${faults.length} ${faults.length === 1 ? "failure" : "failures"} ordered`,
        )
      : null,
    strangers.length > 0
      ? h("span.slow", { "data-key": "strangers", "data-figure": "strangers" }, `Not known to Slack: ${strangers.join(", ")}`)
      : null,
    lints > 0 ? figure("lints", "Odd: ", h("b", null, String(lints))) : null,
    relaxed ? figure("relaxed", "no rate limits") : null,
  ];

  /** @param {string} method */
  function count(method) {
    return String(calls[method]?.lastMinute ?? 0);
  }

  /** @param {string} method @param {number} usual Slack's tier, until the simulator told it */
  function limit(method, usual) {
    return String(calls[method]?.perMinute ?? usual);
  }
}

/** @param {string} name @param {...any} words */
function figure(name, ...words) {
  return h("span", { "data-key": name, "data-figure": name }, ...words);
}

function connection() {
  const { mode, count, lostAt } = state.dev.connection;
  const props = { "data-key": "connection", "data-figure": "connection" };
  if (mode === "http") return h("span", props, icon("live"), " ", h("b", null, "HTTP requests"), ", signed");
  if (count > 0)
    return h("span", props, icon("live"), " ", h("b", null, "Socket Mode"), `, ${count} ${count === 1 ? "connection" : "connections"}`);
  if (lostAt === null) return h("span.slow", props, icon("wait"), " No bot has connected yet");
  const since = Date.parse(lostAt);
  return h("span.bad", props, icon("bad"), " No connection for ", h("span", { "data-since": String(since) }, spanOf(now() - since)));
}

/** @param {number} latency */
function slow(latency) {
  return latency > LOST_MS ? "bad" : latency > SLOW_MS ? "slow" : null;
}

/** @param {number} latency */
function ms(latency) {
  return latency < 1000 ? `${Math.round(latency)} ms` : `${(latency / 1000).toFixed(1)} s`;
}
