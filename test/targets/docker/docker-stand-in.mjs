// Stands in for `docker` and `docker compose` where no engine is: knows exactly the calls that we make, refuses every other one, and
// keeps its world (registry, images, containers) in the JSON file DOCKER_WORLD.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const file = process.env.DOCKER_WORLD;
const world = JSON.parse(readFileSync(file, "utf8"));
const argv = process.argv.slice(2);
world.calls.push(argv);
const FORMATS = {
  "{{.Id}}": (image) => image.id,
  '{{join .RepoDigests " "}}': (image) => image.digests.join(" "),
  '{{with .Config.Labels}}{{index . "org.opencontainers.image.revision"}}{{end}}': (image) => image.revision ?? "<no value>",
  '{{with .Config.Healthcheck}}{{join .Test " "}}{{end}}': (image) => image.healthcheck ?? "",
};
const CONTAINER = "{{.Image}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}";

function end(code, out = "", err = "") {
  writeFileSync(file, JSON.stringify(world));
  if (out !== "") process.stdout.write(`${out}\n`);
  if (err !== "") process.stderr.write(`${err}\n`);
  process.exit(code);
}

function imageOf(reference) {
  const image = world.images.find((one) => one.tag === reference || one.digests.includes(reference) || one.id === reference);
  return image ?? end(1, "", `Error: No such image: ${reference}`);
}

/** Options before the subcommand, as compose reads them: the last file that names a variable wins, the process environment over all. */
function compose(words) {
  const variables = {};
  const files = [];
  while (words[0] === "--env-file" || words[0] === "--file") {
    const [option, path] = words.splice(0, 2);
    if (!existsSync(path)) end(14, "", `${option === "--file" ? "open" : "couldn't find env file:"} ${path}: no such file or directory`);
    if (option === "--file") files.push(path);
    else
      for (const line of readFileSync(path, "utf8").split("\n").filter(Boolean))
        variables[line.split("=")[0]] = line.slice(line.indexOf("=") + 1);
  }
  Object.assign(variables, process.env);
  const project = JSON.parse(readFileSync(files.at(-1) ?? "compose.yaml", "utf8"));
  const service = (name) => project.services[name] ?? end(1, "", `no such service: ${name}`);
  const image = (name) => service(name).image.replace(/\$\{(\w+)\}/g, (_, key) => variables[key] ?? "");
  const [verb, ...rest] = words;
  const said = rest.join(" ");
  if (verb === "config" && said === "--quiet") return end(0);
  if (verb === "config" && rest[0] === "--format" && rest[1] === "json" && rest.length === 3)
    return end(0, JSON.stringify({ services: { [rest[2]]: service(rest[2]) } }));
  if (verb === "config" && rest[0] === "--images" && rest.length === 2) return end(0, image(rest[1]));
  if (verb === "ps" && said === `--all --quiet ${rest[2]}`)
    return end(
      0,
      world.containers
        .filter((one) => one.service === rest[2])
        .map((one) => one.id)
        .join("\n"),
    );
  const up = /^-d --no-deps --wait --wait-timeout (\d+) (.+)$/.exec(said);
  if (verb !== "up" || up === null) return end(125, "", `unexpected: docker compose ${words.join(" ")}`);
  for (const name of up[2].split(" ")) {
    const built = imageOf(image(name));
    const health = built.sick ? "unhealthy" : built.healthcheck || service(name).healthcheck ? "healthy" : undefined;
    world.containers = world.containers.filter((one) => one.service !== name);
    world.containers.push({ id: `c-${name}-${world.calls.length}`, service: name, image: built.id, status: "running", health });
    if (built.sick) end(1, "", `container shop-${name}-1 is unhealthy`);
  }
  return end(0);
}

if (argv[0] === "compose") compose(argv.slice(1));
if (argv[0] === "pull" && argv[1] === "--quiet" && argv.length === 3) {
  const found = world.registry.find((one) => one.tag === argv[2] || one.digests.includes(argv[2]));
  if (found === undefined) end(1, "", `Error response from daemon: manifest for ${argv[2]} not found: manifest unknown`);
  world.images = [
    ...world.images.filter((one) => one.id !== found.id).map((one) => (one.tag === argv[2] ? { ...one, tag: null } : one)),
    found,
  ];
  end(0, argv[2]);
}
if (argv[0] === "image" && argv[1] === "inspect" && argv[2] === "--format" && argv.length === 5 && FORMATS[argv[3]])
  end(0, FORMATS[argv[3]](imageOf(argv[4])));
if (argv[0] === "inspect" && argv[1] === "--format" && argv[2] === CONTAINER && argv.length === 4) {
  const one = world.containers.find((container) => container.id === argv[3]) ?? end(1, "", `Error: No such object: ${argv[3]}`);
  end(0, `${one.image} ${one.status} ${one.health ?? "none"}`);
}
end(125, "", `unexpected: docker ${argv.join(" ")}`);
