import type { FailedTest, Run } from "../../domain/pipeline.ts";
import { testsOf } from "../../domain/pipeline/tests.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { count } from "../words.ts";

/** How many tests there were, and which failed, with the place in the code; nothing where nothing is told of tests. */
export function testLines(run: Run): readonly string[] {
  const tests = testsOf(run);
  const figures = testFigures(run);
  if (tests === null || figures === null) return [];
  const icon = tests.failed > 0 ? "red_circle" : "white_check_mark";
  const hidden = tests.failures.length === 0 ? 0 : tests.failed - tests.failures.length;
  return [
    `:${icon}: *Tests:* ${figures}`,
    ...tests.failures.map((failure) => `• ${failureWords(failure)}`),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
  ];
}

/** "2 of 412 failed, 3 skipped, 1 flaky"; null: nothing is told of tests. */
export function testFigures(run: Run): string | null {
  const tests = testsOf(run);
  if (tests === null) return null;
  const { total, failed, skipped, flaky } = tests;
  const passed = Math.max(0, total - failed - skipped);
  const first =
    failed === 0
      ? `${passed.toLocaleString("en-GB")} passed`
      : total === 0
        ? count(failed, "failure")
        : `${failed.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} failed`;
  const rest = [
    skipped === 0 ? null : `${skipped.toLocaleString("en-GB")} skipped`,
    flaky === 0 ? null : `${flaky.toLocaleString("en-GB")} flaky`,
  ];
  return [first, ...rest].filter((words) => words !== null).join(", ");
}

/** What comes from a sender whom nobody can ask again; null: all of it could be checked. */
export function unaskedLine(run: Run): string | null {
  const [sender] = run.workflows.filter(({ provider }) => provider === "ci");
  if (sender === undefined) return null;
  const name = sender.name === null ? "its CI" : foreign(sender.name, LIMITS.name);
  return `By the word of ${name} alone: it has no API that Greenlight could ask again, nor for what else is in this version.`;
}

function failureWords({ name, file, line, flaky }: FailedTest): string {
  const place = file === null ? "" : ` (${foreign(file, LIMITS.name)}${line === null ? "" : `:${line}`})`;
  return `${foreign(name, LIMITS.changeTitle)}${place}${flaky ? ", flaky" : ""}`;
}
