import { z } from "zod";
import { ignored } from "./read.ts";
import type { Normalised } from "./read.ts";

export const installationBody = z.object({ action: z.string() });

const CHANGES = new Map<string, string>([
  ["created", "the App was installed"],
  ["deleted", "the App was uninstalled: GitHub sends nothing more, and answers nothing"],
  ["suspend", "the App was suspended: GitHub sends nothing more, and answers nothing"],
  ["unsuspend", "the App works again"],
  ["new_permissions_accepted", "the App has other permissions now"],
  ["added", "the App sees more repositories now"],
  ["removed", "the App sees fewer repositories now"],
]);

/** It changes no pipeline; the reason in the record of deliveries tells an operator why it fell silent. */
export function installationChanged({ action }: z.infer<typeof installationBody>): Normalised {
  return ignored(CHANGES.get(action) ?? "the App's installation changed");
}
