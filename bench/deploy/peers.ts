import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fleet, FleetHost } from "./fleet.ts";
import { commandsOf, lineOf, type Recipe } from "./recipes.ts";

/** One deployment by one tool. */
export type Job = {
  readonly fleet: Fleet;
  readonly hosts: readonly FleetHost[];
  readonly recipe: Recipe;
  readonly directory: string;
  readonly revision: string;
};

type Started = { readonly argv: readonly string[]; readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

/** A tool that is started anew for each deployment, as people do. */
export type Peer = {
  readonly name: string;
  readonly says: string;
  /** Asks whether it is here. */
  readonly version: readonly string[];
  prepare(job: Job): Started;
};

/** Lines for a shell, one a step. */
function linesOf(job: Job): readonly string[] {
  return commandsOf(job.recipe, job.revision).map((argv) => lineOf(job.directory, argv));
}

/** Runs one shell line for each host side by side, and fails if one of them does. */
function inParallel(hosts: readonly FleetHost[], line: (host: string) => string): string {
  const all = hosts.map(({ name }) => `{ ${line(name)}; } >/dev/null & pids="$pids $!"`);
  return `pids=\n${all.join("\n")}\nfor pid in $pids; do wait $pid || exit 1; done`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The yardstick: one OpenSSH client a host, all four commands in one line. */
export const FLOOR = "ssh";

/** The Python that has Fabric: a distribution's package is in its own one. */
const PYTHON =
  ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import fabric"], { stdio: "ignore" }).status === 0) ??
  "python3";

export const PEERS: readonly Peer[] = [
  {
    name: FLOOR,
    says: "one chained `ssh` a host",
    version: ["ssh", "-V"],
    prepare(job) {
      const chain = linesOf(job)
        .map((line) => `(${line})`)
        .join(" && ");
      return { argv: ["sh", "-c", inParallel(job.hosts, (host) => `ssh -F ${job.fleet.sshConfigFile} -n ${host} ${quoted(chain)}`)] };
    },
  },
  {
    name: "mux",
    says: "`ssh` with ControlMaster, 4 calls",
    version: ["ssh", "-V"],
    prepare(job) {
      const folder = mkdtempSync(join(job.fleet.folder, "mux-"));
      const ssh = `ssh -F ${job.fleet.sshConfigFile} -o ControlMaster=auto -o ControlPersist=60 -o ControlPath=${folder}/%n`;
      const calls = (host: string): string =>
        linesOf(job)
          .map((line) => `${ssh} -n ${host} ${quoted(line)}`)
          .join(" && ");
      return { argv: ["sh", "-c", inParallel(job.hosts, (host) => `${calls(host)} && ${ssh} -O exit ${host} 2>/dev/null`)] };
    },
  },
  {
    name: "fabric",
    says: "Fabric, 4 runs of a ThreadingGroup",
    version: [PYTHON, "-c", "import fabric; print('Fabric', fabric.__version__)"],
    prepare(job) {
      const file = join(job.fleet.folder, "deploy_fabric.py");
      writeFileSync(file, FABRIC);
      const hosts = job.hosts.map(({ sshd }) => [sshd.address, sshd.user, sshd.port]);
      return { argv: [PYTHON, file, JSON.stringify({ hosts, key: job.fleet.privateKeyFile, lines: linesOf(job) })] };
    },
  },
  {
    name: "capistrano",
    says: "Capistrano, 4 executes in parallel",
    version: ["cap", "--version"],
    prepare(job) {
      const cwd = join(job.fleet.folder, "cap");
      mkdirSync(join(cwd, "config", "deploy"), { recursive: true });
      const options = `keys: ["${job.fleet.privateKeyFile}"], keys_only: true, config: false, auth_methods: ["publickey"], verify_host_key: :always, user_known_hosts_file: "${job.fleet.knownHostsFile}"`;
      const servers = job.hosts.map(({ sshd }) => `server "${sshd.address}:${sshd.port}", user: "${sshd.user}", roles: [:app]`);
      const executes = linesOf(job).map((line) => `    execute %q(${line})`);
      writeFileSync(join(cwd, "Capfile"), CAPFILE.replace("EXECUTES", executes.join("\n")));
      writeFileSync(join(cwd, "config", "deploy.rb"), `set :ssh_options, { ${options} }\n`);
      writeFileSync(join(cwd, "config", "deploy", "production.rb"), `${servers.join("\n")}\n`);
      return { argv: ["cap", "production", "bench"], cwd };
    },
  },
  {
    name: "ansible",
    says: "Ansible, 4 shell tasks, pipelining, no facts",
    version: ["ansible", "--version"],
    prepare(job) {
      const cwd = mkdtempSync(join(job.fleet.folder, "ansible-"));
      const inventory = job.hosts.map(({ name }) => `${name} ansible_python_interpreter=/usr/bin/python3`);
      const tasks = linesOf(job).map((line) => `    - ansible.builtin.shell: ${JSON.stringify(line)}`);
      writeFileSync(join(cwd, "inventory"), `${inventory.join("\n")}\n`);
      writeFileSync(join(cwd, "play.yml"), `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join("\n")}\n`);
      writeFileSync(join(cwd, "ansible.cfg"), ANSIBLE.replace("CONFIG", job.fleet.sshConfigFile).replace("FOLDER", cwd));
      return { argv: ["ansible-playbook", "-i", "inventory", "play.yml"], cwd, env: { ANSIBLE_CONFIG: join(cwd, "ansible.cfg") } };
    },
  },
];

const FABRIC = `import json, sys
from fabric import Config, Connection, ThreadingGroup
order = json.loads(sys.argv[1])
config = Config(overrides={"load_ssh_configs": False})
keys = {"key_filename": order["key"], "look_for_keys": False, "allow_agent": False}
hosts = [Connection(host, user=user, port=port, config=config, connect_kwargs=keys) for host, user, port in order["hosts"]]
group = ThreadingGroup.from_connections(hosts)
for line in order["lines"]:
    group.run(line, hide=True)
group.close()
`;

const CAPFILE = `require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/git"
install_plugin Capistrano::SCM::Git
task :bench do
  on roles(:app), in: :parallel do
EXECUTES
  end
end
`;

const ANSIBLE = `[defaults]
forks = 16
host_key_checking = True
retry_files_enabled = False
remote_tmp = FOLDER/tmp
[ssh_connection]
pipelining = True
ssh_args = -F CONFIG -o ControlMaster=auto -o ControlPersist=60s
control_path_dir = FOLDER/cp
`;

/** First line of what the tool says of itself; null: it is not here. */
export function versionOf(peer: Peer): string | null {
  const [program = "", ...words] = peer.version;
  const said = spawnSync(program, words, { encoding: "utf8" });
  return said.status === 0 ? (`${said.stdout}${said.stderr}`.trim().split("\n")[0] ?? "") : null;
}

/** Milliseconds of the whole process, from its start to its end. @throws with its last words when it fails. */
export async function timePeer(peer: Peer, job: Job): Promise<number> {
  const { argv, cwd, env } = peer.prepare(job);
  const [program = "", ...words] = argv;
  const began = performance.now();
  const child = spawn(program, words, { cwd: cwd ?? job.fleet.folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const code = await new Promise<number | null>((ended) => child.once("exit", ended));
  const ms = performance.now() - began;
  if (code !== 0) throw new Error(`${peer.name} ended with ${code}: ${said}`);
  return ms;
}
