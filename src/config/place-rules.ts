import { type Finding, pathText } from "./fault.ts";
import type { EnvironmentPart } from "./parts.ts";
import type { HostDraft } from "./host-yml.ts";
import type { TargetDraft } from "./target-yml.ts";

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
      const place = placeOf(host, { directory, jump: host.jump ?? target.jump });
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

/** `~` is another folder for another user, and an address behind a jump host another server than the one in front of it. */
function placeOf(host: HostDraft, of: { readonly directory: string; readonly jump: NonNullable<HostDraft["jump"]> }): string {
  const way = of.jump.map(({ address, port }) => [address, port]);
  return JSON.stringify([way, host.address, host.port, of.directory, of.directory.startsWith("~") ? host.user : null]);
}
