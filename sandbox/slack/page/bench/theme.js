// @ts-check

/** Light or dark: the address says it, else what was chosen before, else the computer. */

const REMEMBERED = "greenlight-simulator-theme";
const root = document.documentElement;

export function startTheme() {
  const asked = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem(REMEMBERED);
  const own = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  show(asked === "light" || asked === "dark" ? asked : own);
  for (const button of document.querySelectorAll("[data-set]")) {
    button.addEventListener("click", () => choose(button.getAttribute("data-set") ?? "light"));
  }
  document.getElementById("flip")?.addEventListener("click", () => choose(root.dataset["theme"] === "dark" ? "light" : "dark"));
}

/** @param {string} theme */
function choose(theme) {
  localStorage.setItem(REMEMBERED, theme);
  show(theme);
}

/** @param {string} theme */
function show(theme) {
  root.dataset["theme"] = theme;
  for (const button of document.querySelectorAll("[data-set]"))
    button.setAttribute("aria-pressed", String(button.getAttribute("data-set") === theme));
}
