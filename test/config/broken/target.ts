import { changed, staging, STAGING_HOSTS, type Broken } from "../broken.ts";

/** Faults of where and how a version is brought. */
export const BROKEN_TARGETS: readonly Broken[] = [
  {
    name: "no target",
    text: changed([`        target: { type: ssh, ${STAGING_HOSTS} }\n`, "\n"]),
    faults: [[9, "staging: says no `target`"]],
  },
  { name: "an unknown target", text: changed(["type: ssh,", "type: rsync,"]), faults: [[12, 'target.type: says "rsync". Write: `ssh`']] },
  {
    name: "a host without user",
    text: staging("hosts: [web-1], directory: /srv/x, recipe: django"),
    faults: [[12, 'hosts[0]: says "web-1". Write: `user@host`']],
  },
  {
    name: "a host that is an option",
    text: staging('hosts: ["deploy@-oProxyCommand=x"], directory: /srv/x, recipe: django'),
    faults: [[12, "hosts[0]"]],
  },
  { name: "no hosts", text: staging("hosts: [], directory: /srv/x, recipe: django"), faults: [[12, "target.hosts: says an empty list"]] },
  { name: "a port of six digits", text: changed(["port: 2222", "port: 222222"]), faults: [[21, "hosts[1].port: says `222222`"]] },
  { name: "no directory", text: staging("hosts: [deploy@x.test], recipe: django"), faults: [[12, "target: says no `directory`"]] },
  { name: "the whole disk", text: staging("hosts: [deploy@x.test], directory: /, recipe: django"), faults: [[12, 'directory: says "/"']] },
  {
    name: "the whole disk, in other words",
    text: staging("hosts: [deploy@x.test], directory: /./, recipe: django"),
    faults: [[12, 'directory: says "/./"']],
  },
  {
    name: "the whole home",
    text: staging('hosts: [deploy@x.test], directory: "~/", recipe: django'),
    faults: [[12, 'directory: says "~/"']],
  },
  {
    name: "a relative directory",
    text: staging("hosts: [deploy@x.test], directory: srv/shop, recipe: django"),
    faults: [[12, "an absolute folder"]],
  },
  {
    name: "a way out of the directory",
    text: staging("hosts: [deploy@x.test], directory: /srv/../etc, recipe: django"),
    faults: [[12, "no `..`"]],
  },
  {
    name: "two environments in one folder",
    text: staging("hosts: [root@WEB-1.acme.test], directory: /srv/shop/, recipe: django"),
    faults: [[21, "/srv/shop on web-1.acme.test port 22, which apps.shop.environments.staging has too"]],
  },
  {
    name: "a host twice",
    text: staging("hosts: [a@x.test, b@x.test], directory: /srv/x, recipe: django"),
    faults: [[12, "this environment has already"]],
  },
  {
    name: "two hosts of one name",
    text: staging('hosts: [a@x.test, "a@x.test:23"], directory: /srv/x, recipe: django'),
    faults: [[12, "a second host named x.test. Write: a `label:`"]],
  },
  {
    name: "releases to keep where there are none",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, keep: 3, shared: [.env]"),
    faults: [
      [12, "target.keep: says `keep` without `layout: releases`"],
      [12, "target.shared: says `shared` without `layout: releases`"],
    ],
  },
  {
    name: "too few releases to go back",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, layout: releases, keep: 1"),
    faults: [[12, "target.keep: says `1`. Write: `keep: 2` or more"]],
  },
  {
    name: "a shared path outside",
    text: staging(
      'hosts: [a@x.test], directory: /srv/x, recipe: django, layout: releases, shared: [.env, ../media/, /etc/x, REVISION, "a//b"]',
    ),
    faults: [
      [12, 'target.shared[1]: says "../media/". Write: a path below the release'],
      [12, 'target.shared[2]: says "/etc/x"'],
      [12, 'target.shared[3]: says "REVISION". Write: another path'],
      [12, 'target.shared[4]: says "a//b"'],
    ],
  },
  {
    name: "a shared path within another",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, layout: releases, shared: [media/, media/private/, media]"),
    faults: [
      [12, "target.shared[1]: says `media/private`, which `media` contains already"],
      [12, "target.shared[2]: says `media`, which `media` names already"],
    ],
  },
  {
    name: "releases without git",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: script, layout: releases, commands: { pull: [./fetch] }"),
    faults: [[12, "commands.pull: says a `pull` of its own with `layout: releases`"]],
  },
  {
    name: "commands around steps that are not there",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, before: { switch: [[a]] }"),
    faults: [
      [12, "target.before.switch: says `switch`, a step that is not there: it belongs to `layout: releases`. Write: one of pull, check"],
    ],
  },
  {
    name: "commands after an installation that is not there",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, after: { install: [[a]] }, users: { backup: shop }"),
    faults: [
      [12, "target.after.install: says `install`, a step that is not there: there is no `install:`"],
      [12, "target.users.backup: says `backup`"],
    ],
  },
  {
    name: "two ways to restart and two to install",
    text: staging(
      "hosts: [a@x.test], directory: /srv/x, recipe: django, install: pip, services: [x], commands: { install: [a], restart: [a] }",
    ),
    faults: [
      [12, "target.install: says both `install` and `commands.install`"],
      [12, "target.services: says both `services` and `commands.restart`"],
    ],
  },
  {
    name: "a service that systemctl would take for an option",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, services: [--force]"),
    faults: [[12, "target.services[0]: says"]],
  },
  {
    name: "a recipe with a slip",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: djagno"),
    faults: [[12, "Write: `django` (or `script`)"]],
  },
  {
    name: "a fabfile on one host that is not given what it needs",
    text: changed(["type: ssh, " + STAGING_HOSTS, "type: fabric, hosts: [a@x.test], directory: /srv/x, recipe: django"]),
    faults: [
      [12, "no `task` in a target of `type: fabric`"],
      [12, "one host for `type: fabric`"],
      [12, "`recipe` in a target of `type: fabric`. Write: `type: ssh`, or no `recipe`"],
    ],
  },
  {
    name: "containers of a tag that moves",
    text: changed([
      "type: ssh, " + STAGING_HOSTS,
      "type: docker, hosts: [a@x.test], directory: /srv/x, services: [web], image: acme/shop:latest",
    ]),
    faults: [[12, "Write: an image whose tag names the revision"]],
  },
  {
    name: "containers with the keys of a checkout",
    text: changed([
      "type: ssh, " + STAGING_HOSTS,
      'type: docker, hosts: [a@x.test], directory: /srv/x, image: "a/b:{revision}", layout: releases',
    ]),
    faults: [
      [12, "no `services` in a target of `type: docker`"],
      [12, "`layout` in a target of `type: docker`"],
    ],
  },
  {
    name: "a script of nothing",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: script"),
    faults: [[12, "`recipe: script` without `commands`"]],
  },
  {
    name: "a command as one text",
    text: staging('hosts: [a@x.test], directory: /srv/x, recipe: django, commands: { restart: "touch x" }'),
    faults: [[12, "commands.restart: says a text that does not fit (not shown: it may be a secret). Write: a list of words"]],
  },
  {
    name: "a placeholder with a slip",
    text: staging('hosts: [a@x.test], directory: /srv/x, recipe: script, commands: { restart: [go, "{revison}"] }'),
    faults: [[12, "`{revison}`, which is not filled in. Write: `{revision}`"]],
  },
  {
    name: "an unknown step",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, timeouts: { migrat: 1h }"),
    faults: [[12, "timeouts.migrat: says a key that is not known here. Write: `migrate`"]],
  },
  {
    name: "a number in the environment",
    text: staging("hosts: [a@x.test], directory: /srv/x, recipe: django, environment: { WORKERS: 4 }"),
    faults: [[12, "environment.WORKERS: says a number. Write: text in quotes"]],
  },
];
