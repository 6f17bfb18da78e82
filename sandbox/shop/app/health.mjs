import { settings } from "./settings.mjs";

/** What the running server says of itself; null when nobody answers. */
export async function askHealth() {
  try {
    const response = await fetch(`http://127.0.0.1:${settings.port}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
