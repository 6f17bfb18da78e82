import type { Answer, Route, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import { commitPayload } from "./commit-payload.ts";
import { nodeId } from "./people.ts";
import { notFound, paged } from "./replies.ts";
import { repositoryPage, repositoryUrl } from "./repository.ts";
import type { World } from "./world.ts";
import { commitAt } from "./world.ts";

/** Branches, tags and references, and lists of commits (docs.github.com, REST API, "Git references", "Branches", "Repositories"). */
export function refRoutes(world: World): Route[] {
  const base = "/repos/:owner/:repo";
  const get = (path: string, answer: Route["answer"]): Route => ({ method: "GET", path: base + path, answer });
  return [
    get("/branches", (visit) => branches(world, visit)),
    get("/branches/:branch*", (visit) => branch(world, visit)),
    get("/tags", (visit) => tags(world, visit)),
    get("/git/ref/:ref*", (visit) => gitRef(world, visit)),
    get("/git/matching-refs/:ref*", (visit) => matching(world, visit)),
    get("/git/tags/:sha", (visit) => annotatedTag(world, visit)),
    get("/commits", (visit) => commits(world, visit)),
  ];
}

async function branches(world: World, visit: Visit): Promise<Answer> {
  const all = await world.git.refs("refs/heads/");
  return paged(visit, all, (page) =>
    page.map(({ ref, sha }) => ({
      name: ref.slice("refs/heads/".length),
      commit: { sha, url: `${repositoryUrl(world.site)}/commits/${sha}` },
      protected: false,
    })),
  );
}

async function branch(world: World, visit: Visit): Promise<Answer> {
  const name = visit.params["branch"] ?? "";
  const [found] = (await world.git.refs(`refs/heads/${name}`)).filter(({ ref }) => ref === `refs/heads/${name}`);
  if (found === undefined) return json(404, { message: "Branch not found", status: "404" });
  const url = `${repositoryUrl(world.site)}/branches/${name}`;
  return json(200, {
    name,
    commit: commitPayload(world.site, await commitAt(world, found.sha)),
    _links: { self: url, html: `${repositoryPage(world.site)}/tree/${name}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } },
    protection_url: `${url}/protection`,
  });
}

/** Here a tag's commit is named, also of an annotated one. */
async function tags(world: World, visit: Visit): Promise<Answer> {
  const all = (await world.git.refs("refs/tags/")).toReversed();
  const shown = await Promise.all(
    all.map(async ({ ref }) => ({ name: ref.slice("refs/tags/".length), sha: (await world.git.resolve(ref)) ?? "" })),
  );
  return paged(visit, shown, (page) =>
    page.map(({ name, sha }) => ({
      name,
      zipball_url: `${repositoryUrl(world.site)}/zipball/refs/tags/${name}`,
      tarball_url: `${repositoryUrl(world.site)}/tarball/refs/tags/${name}`,
      commit: { sha, url: `${repositoryUrl(world.site)}/commits/${sha}` },
      node_id: nodeId("Ref", `refs/tags/${name}`),
    })),
  );
}

async function gitRef(world: World, visit: Visit): Promise<Answer> {
  const wanted = `refs/${visit.params["ref"] ?? ""}`;
  const found = (await world.git.refs(wanted)).find(({ ref }) => ref === wanted);
  return found === undefined ? notFound() : json(200, reference(world, found));
}

/** Every reference that begins so, in order; an empty list when none does. */
async function matching(world: World, visit: Visit): Promise<Answer> {
  const wanted = `refs/${visit.params["ref"] ?? ""}`;
  const folder = wanted.slice(0, wanted.lastIndexOf("/") + 1);
  const found = (await world.git.refs(folder)).filter(({ ref }) => ref.startsWith(wanted));
  return json(
    200,
    found.map((one) => reference(world, one)),
  );
}

function reference(world: World, { ref, type, sha }: { readonly ref: string; readonly type: string; readonly sha: string }) {
  const object = { type, sha, url: `${repositoryUrl(world.site)}/git/${type === "tag" ? "tags" : "commits"}/${sha}` };
  return { ref, node_id: nodeId("Ref", ref), url: `${repositoryUrl(world.site)}/git/${ref}`, object };
}

async function annotatedTag(world: World, visit: Visit): Promise<Answer> {
  const sha = visit.params["sha"] ?? "";
  const found = (await world.git.refs("refs/tags/")).find((one) => one.type === "tag" && one.sha === sha);
  const commit = found === undefined ? null : await world.git.resolve(found.ref);
  if (found === undefined || commit === null) return notFound();
  return json(200, {
    node_id: nodeId("Tag", sha),
    sha,
    url: `${repositoryUrl(world.site)}/git/tags/${sha}`,
    tag: found.ref.slice("refs/tags/".length),
    message: "",
    tagger: { name: "Acme", email: "bot@acme.test", date: new Date(0).toISOString() },
    object: { type: "commit", sha: commit, url: `${repositoryUrl(world.site)}/git/commits/${commit}` },
    verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
  });
}

async function commits(world: World, visit: Visit): Promise<Answer> {
  const wanted = visit.query.get("sha") ?? "main";
  const sha = await world.git.resolve(wanted);
  if (sha === null) return notFound();
  const newestFirst = (await world.git.commits(sha)).toReversed();
  return paged(visit, newestFirst, (page) => page.map((one) => commitPayload(world.site, one)));
}
