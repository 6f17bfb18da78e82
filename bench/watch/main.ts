import { loadNow } from "../machine.ts";
import { writeSection } from "../page.ts";
import { optionsOf } from "./options.ts";
import { reportText } from "./report.ts";
import { runWay, type Series } from "./rounds.ts";

const options = optionsOf(process.argv.slice(2));
const loadBefore = loadNow();
const found: Series[] = [];
for (const way of ["polling", "webhook"] as const) found.push(await runWay(way, options));
const text = reportText(options, found, loadBefore);
console.log(text);
if (options.write) writeSection("watch", text);
process.exit(0);
