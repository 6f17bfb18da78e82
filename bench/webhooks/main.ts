import { loadNow } from "../machine.ts";
import { writeSection } from "../page.ts";
import { optionsOf } from "./options.ts";
import { reportText } from "./report.ts";
import { run } from "./rounds.ts";

const options = optionsOf(process.argv.slice(2));
const loadBefore = loadNow();
const text = reportText(options, await run(options), loadBefore);
console.log(text);
if (options.write) writeSection("webhooks", text);
process.exit(0);
