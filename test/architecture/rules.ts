import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fileCycles, roomCycles } from "./cycles.ts";
import { judge } from "./judge.ts";
import { CODE_FOLDERS, readModules } from "./modules.ts";

/** What the look at one tree found. Good only without faults. */
export type Report = { readonly modules: number; readonly imports: number; readonly faults: readonly string[] };

/** Reads the tree under `root` and holds it against the table in `house.ts`. */
export async function checkRules(root: string): Promise<Report> {
  const modules = await readModules(root);
  const imports = modules.reduce((sum, module) => sum + module.imports.length, 0);
  const onDisk = await countOnDisk(root);
  const faults = [
    // A tool that reads nothing agrees with everything.
    ...(modules.length === 0 || modules.length < onDisk ? [`saw ${modules.length} of the ${onDisk} code files on disk`] : []),
    ...judge(modules).map(({ rule, at, words }) => `${at}  [${rule}]  ${words}`),
    ...fileCycles(modules).map((group) => `[file cycle]  ${group.join(" <-> ")}`),
    ...roomCycles(modules).map((group) => `[room cycle]  ${group.join(" <-> ")}`),
  ];
  return { modules: modules.length, imports, faults };
}

/** Counted by Node's own recursive listing, on purpose not by the walk that `readModules` takes. */
async function countOnDisk(root: string): Promise<number> {
  const lists = await Promise.all(CODE_FOLDERS.map((folder) => readdir(path.join(root, folder), { recursive: true }).catch(() => [])));
  return lists.flat().filter((file) => /\.(?:ts|js|mjs|cjs)$/.test(file) && !file.includes("node_modules")).length;
}

if (import.meta.main) {
  const { modules, imports, faults } = await checkRules(fileURLToPath(new URL("../..", import.meta.url)));
  for (const fault of faults) console.error(fault);
  console.log(`import rules: ${modules} modules, ${imports} imports seen, ${faults.length} ${faults.length === 1 ? "fault" : "faults"}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
