import { readFileSync } from "node:fs";
import { join } from "node:path";
import { total } from "./pricing.mjs";
import { settings } from "./settings.mjs";

const payments = readJson("payments.json");
const news = readJson("news.json");
const euro = (cents) => `€ ${(cents / 100).toFixed(2)}`;

export function frontPage() {
  const items = news.map((line) => `<li>${line}</li>`).join("");
  return page(`<h1>Acme shop</h1><p>Everything for the road.</p><ul>${items}</ul><p><a href="/basket">Your basket</a></p>`);
}

export function basketPage(user) {
  const basket = basketOf(user);
  const rows = basket.lines
    .map((line) => `<tr><td>${line.count} × ${line.name}</td><td>${euro(line.cents * line.count)}</td></tr>`)
    .join("");
  const pay = payments.map((name) => `<button>${name}</button>`).join(" ");
  return page(`<h1>Your basket</h1><table>${rows}<tr><th>Total</th><th>${euro(total(basket))}</th></tr></table><p>${pay}</p>`);
}

/** One visitor in three has a loyalty card. */
function basketOf(user) {
  const lines = [
    { name: "Roadrunner feed, 2 kg", cents: 1795, count: 1 + (user % 3) },
    { name: "Rocket skates", cents: 24950, count: 1 },
  ];
  return { lines, card: user % 3 === 0 ? { percent: 5 } : undefined };
}

function page(body) {
  const title = `Acme shop (${settings.environment})`;
  const footer = `<footer>${settings.environment}, revision ${settings.revision.slice(0, 7)}</footer>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><link rel="stylesheet" href="/static/shop.css"><main>${body}</main>${footer}</html>`;
}

function readJson(name) {
  return JSON.parse(readFileSync(join(settings.checkout, name), "utf8"));
}
