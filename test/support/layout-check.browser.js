// @ts-check

/** Runs in the page. The last expression is the answer: what a person would see as broken. */

(() => {
  /** @type {{ kind: string, what: string, detail: string }[]} */
  const faults = [];
  const all = [...document.body.querySelectorAll("*")].filter((one) => !(one instanceof SVGElement) && seen(one) && !isHiddenForEyes(one));
  for (const element of all) {
    const style = getComputedStyle(element);
    wider(element, style);
    if (ownText(element) !== "") {
      cut(element, style);
      contrast(element, style);
    }
  }
  overlaps(
    all.filter((one) => one.matches("a[href], button, input:not([type=radio], [type=checkbox]), select, textarea, label:has(input)")),
  );
  return faults;

  /** @param {Element} element */
  function seen(element) {
    return element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.closest("[inert]") === null;
  }

  /** For screen readers only. @param {Element} element */
  function isHiddenForEyes(element) {
    return element.closest(".sr") !== null || (element instanceof HTMLInputElement && getComputedStyle(element).opacity === "0");
  }

  /** @param {string} kind @param {Element} element @param {string} detail */
  function note(kind, element, detail) {
    const classes =
      typeof element.className === "string" && element.className !== "" ? `.${element.className.trim().replaceAll(/\s+/gu, ".")}` : "";
    const words = (element.textContent ?? "").trim().slice(0, 40);
    faults.push({ kind, what: `${element.tagName.toLowerCase()}${classes} "${words}"`, detail });
  }

  /** @param {Element} element */
  function ownText(element) {
    return [...element.childNodes]
      .map((node) => (node.nodeType === Node.TEXT_NODE ? (node.nodeValue ?? "") : ""))
      .join("")
      .trim();
  }

  /** An element that sticks out of the box around it, where that box does not scroll. @param {Element} element @param {CSSStyleDeclaration} style */
  function wider(element, style) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || style.position === "fixed") return;
    if (box.right > innerWidth + 1 || box.left < -1) {
      if (!scrollsSideways(element))
        note("wider than the window", element, `${Math.round(box.left)}..${Math.round(box.right)} of ${innerWidth}`);
      return;
    }
    const parent = element.parentElement;
    if (parent === null || style.position === "absolute" || style.display.startsWith("inline")) return;
    const outer = parent.getBoundingClientRect();
    if (box.right > outer.right + 1.5 && !scrollsSideways(element))
      note("wider than its box", element, `${Math.round(box.right - outer.right)} px too far right`);
  }

  /** @param {Element} element */
  function scrollsSideways(element) {
    for (let at = element.parentElement; at !== null; at = at.parentElement) {
      if (/auto|scroll/u.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth + 1)
        return at.clientWidth > 0 && at.matches(".table, .rooms, [data-scrolls]");
    }
    return false;
  }

  /** Text that does not fit its own box and is hidden there, unless it ends in dots on purpose. @param {Element} element @param {CSSStyleDeclaration} style */
  function cut(element, style) {
    const hides = /hidden|clip/u.test(`${style.overflowX} ${style.overflowY}`);
    if (
      hides &&
      style.textOverflow !== "ellipsis" &&
      (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
    ) {
      note("text cut off", element, `${element.scrollWidth}x${element.scrollHeight} in ${element.clientWidth}x${element.clientHeight}`);
    }
  }

  /** @param {Element} element @param {CSSStyleDeclaration} style */
  function contrast(element, style) {
    if (element.closest("option, optgroup, [aria-disabled=true]") !== null) return;
    const ground = groundOf(element);
    const ink = blend(colour(style.color), ground);
    const [light, dark] = [luminance(ink), luminance(ground)].toSorted((left, right) => right - left);
    const ratio = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
    if (ratio < 4.5) note("contrast", element, `${ratio.toFixed(2)} (${style.color} on ${ground.map(Math.round).join(",")})`);
  }

  /** @param {Element} element @returns {number[]} */
  function groundOf(element) {
    /** @type {number[][]} */
    const layers = [];
    for (let at = /** @type {Element | null} */ (element); at !== null; at = at.parentElement) {
      const layer = colour(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.toReversed().reduce((ground, layer) => blend(layer, ground), [255, 255, 255, 1]);
  }

  /** @param {string} css @returns {number[]} red, green, blue, opacity */
  function colour(css) {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (canvas === null) return [0, 0, 0, 1];
    const numbers = /^rgba?\(([^)]+)\)$/u
      .exec(css)?.[1]
      ?.split(/[ ,/]+/u)
      .map(Number);
    if (numbers !== undefined) return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0, numbers[3] ?? 1];
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 255] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  /** @param {number[]} over @param {number[]} under */
  function blend(over, under) {
    const alpha = over[3] ?? 1;
    return [0, 1, 2].map((index) => (over[index] ?? 0) * alpha + (under[index] ?? 0) * (1 - alpha)).concat(1);
  }

  /** WCAG 2.2, relative luminance. @param {number[]} rgb */
  function luminance(rgb) {
    const [red = 0, green = 0, blue = 0] = rgb.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  /** Things to press that lie over each other. Inside of each other is meant. @param {Element[]} pressable */
  function overlaps(pressable) {
    const boxes = pressable.map((element) => ({
      element,
      parts: [...element.getClientRects()].map((part) => clipped(element, part)).filter((part) => part.width > 1 && part.height > 1),
    }));
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
        if (layerOf(one.element) !== layerOf(other.element)) continue;
        if (one.parts.some((left) => other.parts.some((right) => meet(left, right))))
          note(
            "overlap",
            one.element,
            `with ${other.element.tagName.toLowerCase()} "${(other.element.textContent ?? "").trim().slice(0, 40)}"`,
          );
      }
    }
  }

  /** What lies on another layer covers on purpose. @param {Element} element */
  function layerOf(element) {
    return element.closest("[popover], dialog, .veil, .found, .bench") ?? document.body;
  }

  /** The part of a box that its scrolling parents show. @param {Element} element @param {DOMRect} part */
  function clipped(element, part) {
    let [left, top, right, bottom] = [part.left, part.top, part.right, part.bottom];
    for (let at = element.parentElement; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (!/auto|scroll|hidden|clip/u.test(`${style.overflowX}${style.overflowY}`)) continue;
      const box = at.getBoundingClientRect();
      [left, top, right, bottom] = [
        Math.max(left, box.left),
        Math.max(top, box.top),
        Math.min(right, box.right),
        Math.min(bottom, box.bottom),
      ];
    }
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  }

  /** @param {{ left: number, top: number, right: number, bottom: number }} one @param {{ left: number, top: number, right: number, bottom: number }} other */
  function meet(one, other) {
    return (
      Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
      Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
    );
  }
})();
