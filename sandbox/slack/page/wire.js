// @ts-check

/** Everything the page asks the simulator to do. */

export const token = new URLSearchParams(location.search).get("token") ?? "";

/** A verb of the simulated team. @param {string} verb @param {any} body @returns {Promise<any>} the answer, or `{ error }` in words */
export function act(verb, body) {
  return post(`/_sim/${verb}`, body);
}

/** A verb of the world around it: push, kill, start. @param {string} verb @param {string} user */
export function actOnWorld(verb, user) {
  return post(`/_world/${encodeURIComponent(verb)}`, { user });
}

/** @param {string} path @param {any} body */
async function post(path, body) {
  try {
    const headers = { "content-type": "application/json", "x-control-token": token };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json().catch(() => ({}));
    return response.ok ? answer : { error: answer.error ?? `The simulator answered ${response.status}.` };
  } catch {
    return { error: "The simulator does not answer. Is it still running?" };
  }
}
