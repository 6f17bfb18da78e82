import { loadNow } from "../machine.ts";
import { writeSection } from "../page.ts";
import { optionsOf } from "./options.ts";
import { reportText } from "./report.ts";
import { runMode, type Series } from "./rounds.ts";

const options = optionsOf(process.argv.slice(2));
const loadBefore = loadNow();
const found: Series[] = [];
for (const mode of options.modes) found.push(await runMode(mode, options));
const text = reportText(options, found, loadBefore);
console.log(text);
if (options.write) writeSection("slack", text);
process.exit(0);
