import { type Finding, pathText } from "./fault.ts";
import type { EnvironmentPart } from "./parts.ts";
import type { HostDraft, TargetDraft } from "./target-yml.ts";

/** Each host has a folder and a name of its own, and no two environments share one folder of one server. */
export function placeRules(environments: readonly EnvironmentPart[]): readonly Finding[] {
  const taken = new Map<string, string>();
  return environments.flatMap(({ draft, path }) => {
    const { target } = draft;
    if (target === undefined) return [];
    const names = new Set<string>();
    return target.hosts.flatMap((host, index): Finding[] => {
      const where = [...path, "target", "hosts", index];
      const directory = directoryOf(host, target);
      if (directory === null) {
        return index > 0 && target.hosts.slice(0, index).some((one) => directoryOf(one, target) === null)
          ? []
          : [{ path: [...path, "target"], at: "key", says: "no `directory`", write: "`directory: /srv/shop`, the checkout on the hosts" }];
      }
      const place = placeOf(host, directory);
      const other = taken.get(place);
      taken.set(place, other ?? pathText(path));
      if (other !== undefined) {
        const says = `${directory} on ${host.address} port ${host.port}, which ${other === pathText(path) ? "this environment has already" : `${other} has too`}`;
        return [
          { path: where, at: "value", says, write: "a folder of its own for each environment: two in one would overwrite each other" },
        ];
      }
      const name = hostName(host);
      const twice = names.has(name);
      names.add(name);
      return twice
        ? [
            {
              path: where,
              at: "value",
              says: `a second host named ${name}`,
              write: "a `label:` of its own, as in `{ address: ..., user: deploy, label: web-2 }`",
            },
          ]
        : [];
    });
  });
}

export function directoryOf(host: HostDraft, target: TargetDraft): string | null {
  return host.directory ?? target.directory ?? null;
}

/** What people call it. */
export function hostName(host: HostDraft): string {
  return host.label ?? host.address;
}

/** `~` is another folder for another user. */
function placeOf(host: HostDraft, directory: string): string {
  return JSON.stringify([host.address, host.port, directory, directory.startsWith("~") ? host.user : null]);
}
