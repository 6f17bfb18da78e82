import { expect, test } from "vitest";
import { createGitHub } from "../../src/github/client.ts";
import { createGitLab } from "../../src/gitlab/client.ts";
import { listeningLog, startFarSide, type FarAnswer } from "./far-side.ts";

const INPUTS = { revision: "a".repeat(40), environment: "staging", deployment: "0199", url: "https://staging.acme.test" };
const RUN = { workflow_run_id: 30433642, run_url: "https://git.test/api/30433642", html_url: "https://git.test/30433642" };

test.each<{ name: string; answer: FarAnswer; outcome: unknown }>([
  {
    name: "a server that says which run it is",
    answer: { status: 200, json: RUN },
    outcome: { kind: "started", workflowRun: "30433642", url: RUN.html_url },
  },
  { name: "an older one", answer: { status: 204, text: "" }, outcome: { kind: "started", workflowRun: null, url: null } },
  {
    name: "a workflow without these inputs",
    answer: { status: 422, json: { message: "Unexpected inputs provided" } },
    outcome: { kind: "refused", because: expect.stringContaining("with the inputs revision, environment, deployment, url") },
  },
])("GitHub is asked to start a workflow: $name", async ({ answer, outcome }) => {
  await using far = await startFarSide(() => answer);
  const github = createGitHub({ apiUrl: far.apiUrl, token: "ghp_test", app: null, log: listeningLog() });
  const wish = { repository: "acme/shop", start: "acceptance.yml", branch: "main", inputs: INPUTS };
  expect(await github.startAcceptance(wish)).toEqual(outcome);
  expect(far.seen[0]).toMatchObject({ method: "POST", url: "/repos/acme/shop/actions/workflows/acceptance.yml/dispatches" });
  expect(JSON.parse(far.seen[0]?.body ?? "")).toEqual({ ref: "main", inputs: INPUTS, return_run_details: true });
});

test("GitLab is asked to start a pipeline, told by variables", async () => {
  await using far = await startFarSide(() => ({ status: 201, json: { id: 47, web_url: "https://git.test/-/pipelines/47" } }));
  const gitlab = createGitLab({ url: far.origin, token: "glpat-test", log: listeningLog() });
  const started = await gitlab.startAcceptance({ repository: "acme/shop", start: "pipeline", branch: "main", inputs: INPUTS });
  expect(started).toEqual({ kind: "started", workflowRun: "47", url: "https://git.test/-/pipelines/47" });
  expect(far.seen[0]).toMatchObject({ method: "POST", url: "/api/v4/projects/acme%2Fshop/pipeline" });
  expect(JSON.parse(far.seen[0]?.body ?? "")).toEqual({
    ref: "main",
    variables: [
      { key: "GREENLIGHT_REVISION", value: INPUTS.revision },
      { key: "GREENLIGHT_ENVIRONMENT", value: "staging" },
      { key: "GREENLIGHT_DEPLOYMENT", value: "0199" },
      { key: "GREENLIGHT_URL", value: INPUTS.url },
    ],
  });
});

test("without a token nobody is asked", async () => {
  const log = listeningLog();
  const wish = { repository: "acme/shop", start: "pipeline", branch: "main", inputs: INPUTS };
  expect(await createGitHub({ apiUrl: null, token: null, app: null, log }).startAcceptance(wish)).toBeNull();
  expect(await createGitLab({ url: "https://gitlab.test", token: null, log }).startAcceptance(wish)).toBeNull();
});
