/** Rates and waits as people read them, one rule wherever they stand: whole numbers from ten on, one decimal below, "under 0.1" for what is rare. */

/** Events a minute: "1,204", "76", "0.3", "under 0.1", "0". */
export function rateFigure(perMinute: number): string {
  if (perMinute <= 0) return "0";
  if (perMinute >= 9.95) return Math.round(perMinute).toLocaleString("en-GB");
  return perMinute < 0.05 ? "under 0.1" : String(Math.round(perMinute * 10) / 10);
}

/** "76 errors a minute", "1 error a minute", "no errors". */
export function errorRate(perMinute: number): string {
  if (perMinute <= 0) return "no errors";
  const figure = rateFigure(perMinute);
  return `${figure} ${figure === "1" ? "error" : "errors"} a minute`;
}

/** What it is compared with: "0.3", "none". */
export function rateBefore(perMinute: number): string {
  return perMinute <= 0 ? "none" : rateFigure(perMinute);
}

/** "its certificate expires in 9 days". */
export function certificateWords(days: number): string {
  return `its certificate expires ${days === 0 ? "within a day" : days === 1 ? "in 1 day" : `in ${days} days`}`;
}

/** How long people wait for an answer: "190 ms", "1.2 s", "12 s". */
export function waitFigure(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 9950 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1000)} s`;
}
