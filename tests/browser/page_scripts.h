// What is asked of a page: bodies of JavaScript functions that return it.
//
//   browser.run(kFaintText)   // ["P.notes 1.92"]
#pragma once

namespace pressroom {

// Numbers of a column in the order of the rows, as the cells carry them.
inline constexpr const char* kNumbers =
    "const c = %;"
    "return Array.from(document.querySelectorAll('#results tbody tr'))"
    "  .map(row => row.cells[c].dataset.v).filter(v => v !== undefined).map(Number);";

// Visible elements with text of their own whose colour has too little contrast with what is behind
// it (WCAG 2.2, 1.4.3: 4.5 : 1; 3 : 1 for large text).
inline constexpr const char* kFaintText = R"(
  const rgba = text => {
    const n = text.match(/[\d.]+/g).map(Number);
    const unit = text.startsWith('color(srgb');
    return [n[0], n[1], n[2]].map(v => unit ? 255 * v : v).concat(n.length > 3 ? n[3] : 1);
  };
  const over = (top, below) =>
    [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = c => {
    const f = c.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2];
  };
  const background = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      layers.push(rgba(getComputedStyle(e).backgroundColor));
    }
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reverse().reduce((below, top) => over(top, below),
                                   dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  };
  const faint = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg, script, style, [disabled]') || !e.checkVisibility()) continue;
    if (!Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    const behind = background(e);
    const [a, b] = [light(over(rgba(style.color), behind)), light(behind)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) {
      faint.add(e.tagName + '.' + e.className + ' ' + contrast.toFixed(2));
    }
  }
  return Array.from(faint);
)";

// Ids of figures that are not drawn.
inline constexpr const char* kEmptyFigures = R"(
  return Array.from(document.querySelectorAll('figure[id]')).filter(figure => {
    const svg = figure.querySelector('svg');
    if (!svg) return true;
    const box = svg.getBoundingClientRect();
    return box.width < 100 || box.height < 60 || !svg.querySelector('path, circle, line');
  }).map(figure => figure.id);
)";

// Ids of more than one element.
inline constexpr const char* kRepeatedIds = R"(
  const ids = Array.from(document.querySelectorAll('[id]')).map(e => e.id);
  return ids.filter((id, i) => ids.indexOf(id) !== i);
)";

// How many drawings a screen reader has no name for.
inline constexpr const char* kNamelessDrawings = R"(
  return Array.from(document.querySelectorAll('svg[role=img]')).filter(svg =>
    !svg.querySelector('title') && !svg.getAttribute('aria-label') &&
    !svg.getAttribute('aria-labelledby')).length;
)";

}  // namespace pressroom
