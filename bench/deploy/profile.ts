import type { Series } from "./rounds.ts";
import { median } from "../statistics.ts";
import type { Mark } from "./timed-target.ts";

/** Where Greenlight's time went: one row a moment, one column a series. */
export function profileTable(series: readonly Series[]): string {
  const all = series.map((one) => momentsOf(one));
  const names = ORDER.filter((name) => all.some((one) => one.has(name)));
  const head = series.map(({ hosts, recipe }) => `${hosts} ${hosts === 1 ? "host" : "hosts"}, ${recipe}`);
  const rows = names.map((name) => [name, ...all.map((one) => one.get(name)?.toFixed(0) ?? "")]);
  return [["moment", ...head], ["---", ...head.map(() => "---:")], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const ORDER: readonly string[] = [
  "claimed",
  "acquire begins",
  "acquire ends",
  ...["pull", "install", "collectstatic", "restart", "revision", "verify"].flatMap((step) => [`step ${step} begins`, `step ${step} ends`]),
  "live",
];

function momentsOf(series: Series): ReadonlyMap<string, number> {
  const all = series.marks.map(moments);
  return new Map(
    ORDER.flatMap((name) => {
      const times = all.flatMap((one) => one.get(name) ?? []);
      return times.length === 0 ? [] : [[name, median(times)] as const];
    }),
  );
}

/** The first time that something begins on any host, the last time that it ends. */
function moments(marks: readonly Mark[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { what, at } of marks) {
    const before = found.get(what);
    if (before === undefined || what.endsWith(" ends") === at > before) found.set(what, at);
  }
  return found;
}
