import type { StepName } from "../config.ts";
import type { Sha } from "../ids.ts";
import { nameOf } from "../image.ts";

/** Containers of one compose project, run from an image that is pinned by digest. */
export type DockerRecipe = {
  /** `ghcr.io/acme/shop:{revision}`: the tag under which CI pushed the image of a revision. */
  readonly image: string;
  /** Services of the compose file that run the image, brought up in one go. */
  readonly services: readonly string[];
  /** Compose files, relative to the directory; empty: what `docker compose` finds by itself. */
  readonly files: readonly string[];
  /** The variable by which the compose file names its image, as in `image: ${IMAGE}`. */
  readonly variable: string;
  /** How long `up --wait` waits for the health checks. */
  readonly waitSeconds: number;
};

/**
 * What all scripts share. Words come as positional parameters, never spliced in. What runs is decided by one file,
 * `greenlight.env`, so that a person on the host who types `docker compose --env-file greenlight.env up` gets the same.
 */
const COMMON = `set -euf
state=.greenlight/images; record=$state/$revision
fail() { echo "$1" >&2; exit 1; }
put() { printf '%s\\n' "$2" >"$1.t" && mv -f "$1.t" "$1"; }
digest_of() { image=$(cat "$record" 2>/dev/null) || fail "this server has no record of the image of $revision: run pull first"
  case $image in *@sha256:*) ;; *) fail "the record of $revision on this server is damaged: delete $record and deploy again";; esac; }
# Of two files the last one wins.
compose() { set -- --env-file greenlight.env $options "$@"; if [ -f .env ]; then set -- --env-file .env "$@"; fi; docker compose "$@"; }
`;

/**
 * Brings the image here and pins it: a tag is resolved once per server, and its digest recorded; a rollback takes the recorded digest
 * and asks no registry. Where it is known which digest was tested, that one is pulled and no other. An image that says of itself that it
 * was built from another commit is refused.
 */
const PULL = `revision=$1 reference=$2
${COMMON}
mkdir -p "$state"
if [ -s "$record" ]; then
  digest_of
  case $reference in *@sha256:*) [ "\${image##*@}" = "\${reference##*@}" ] ||
    fail "$revision was built twice: \${reference##*@} is what was tested, and this server has \${image##*@}";; esac
  docker image inspect --format '{{.Id}}' "$image" >/dev/null 2>&1 || docker pull --quiet "$image"
else
  docker pull --quiet "$reference"
  name=\${reference%%@*}; case \${name##*/} in *:*) name=\${name%:*};; esac
  image=
  for one in $(docker image inspect --format '{{join .RepoDigests " "}}' "$reference"); do
    case $one in "$name@sha256:"*) image=$one;; esac
  done
  case $image in *@sha256:????????????????????????????????????????????????????????????????) ;;
    *) fail "$reference has no digest of $name: it was not pulled from a registry";; esac
  built=$(docker image inspect --format '{{with .Config.Labels}}{{index . "org.opencontainers.image.revision"}}{{end}}' "$image")
  case $built in ''|'<no value>'|"$revision") ;; *) fail "approved $revision, but $reference was built from $built";; esac
  put "$record" "$image"
fi
echo "image $image"`;

/** Before anything changes: the compose file is sound with this image, and each service has a health check to wait for. */
const CHECK = `revision=$1 variable=$2 options=$3; shift 3
${COMMON}
digest_of
[ -f greenlight.env ] || : >greenlight.env
export "$variable=$image"
compose config --quiet
case $(docker image inspect --format '{{with .Config.Healthcheck}}{{join .Test " "}}{{end}}' "$image") in ''|NONE*) healthy=no;; *) healthy=yes;; esac
for service in "$@"; do
  [ $healthy = yes ] || compose config --format json "$service" | grep -q '"healthcheck"' ||
    fail "$service has no health check: without one nobody knows whether the new version works. Add HEALTHCHECK to the image or healthcheck: to the compose file"
  compose config --images "$service" | grep -qxF "$image" || fail "$service does not run \\$$variable: write image: \\$\{$variable} in the compose file"
done`;

/** Brings the services up and waits for their health. If they do not become healthy the earlier image is put back at once. */
const UP = `revision=$1 variable=$2 wait=$3 options=$4; shift 4
${COMMON}
digest_of
before=$(cat greenlight.env 2>/dev/null || :)
# What was healthy last, rather than what a try that was killed has left there.
was=$(cat "$state/$(cat "$state/live" 2>/dev/null)" 2>/dev/null) || was=
[ -z "$was" ] || before=$variable=$was
put greenlight.env "$variable=$image"
if compose up -d --no-deps --wait --wait-timeout "$wait" "$@"; then
  put "$state/live" "$revision"
  exit 0
fi
[ -n "$before" ] || fail "not healthy, and there is no earlier image here to go back to"
echo "not healthy: the earlier image is put back" >&2
put greenlight.env "$before"
compose up -d --no-deps --wait --wait-timeout "$wait" "$@" || fail "the earlier image does not become healthy either: this server needs a person"
fail "the earlier image runs again"`;

/** Asks the containers themselves: every one of each service runs this very image and is healthy. */
const VERIFY = `revision=$1 options=$2; shift 2
${COMMON}
digest_of
id=$(docker image inspect --format '{{.Id}}' "$image")
for service in "$@"; do
  containers=$(compose ps --all --quiet "$service")
  [ -n "$containers" ] || fail "$service has no container"
  for container in $containers; do
    found=$(docker inspect --format '{{.Image}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' "$container")
    case $found in
      "$id running healthy") ;;
      "$id "*) fail "$service runs $revision, but is \${found#* }";;
      *) fail "approved $revision ($id), but $service runs \${found%% *}";;
    esac
  done
done
echo "all of $* run $image"`;

/** Compose options by file; each is one word without white space, so that the shell may split them. */
function optionsOf(recipe: DockerRecipe): string {
  return recipe.files.map((file) => `--file ${file}`).join(" ");
}

/** Recipe `docker`: pull by tag once, run by digest, wait for health, ask the containers. Migrations are the team's own `commands`. */
export function dockerCommands(recipe: DockerRecipe, revision: Sha, digest?: string): Partial<Record<StepName, readonly string[]>> {
  const tagged = recipe.image.replaceAll("{revision}", revision);
  const reference = digest === undefined ? tagged : `${nameOf(recipe.image)}@${digest}`;
  const { services, variable } = recipe;
  const options = optionsOf(recipe);
  return {
    pull: ["sh", "-c", PULL, "pull", revision, reference],
    check: ["sh", "-c", CHECK, "check", revision, variable, options, ...services],
    restart: ["sh", "-c", UP, "up", revision, variable, String(recipe.waitSeconds), options, ...services],
    verify: ["sh", "-c", VERIFY, "verify", revision, options, ...services],
  };
}
