// The areas, shaded by the number of concerns. The table beside the map has the same figures.

import { draw, find, make, setText, setContent } from "./elements.js";
import { PERIODS } from "./city.js";
import { areaName, concerns, count } from "./labels.js";

const CLASSES = 5;

// Upper bounds of five classes of equal width; each is a round number.
export function bounds(most) {
  const raw = Math.max(1, most / CLASSES);
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((factor) => Math.ceil(factor * size)).find((bound) => bound >= raw);
  return Array.from({ length: CLASSES }, (_, index) => step * (index + 1));
}

const shade = (value, steps) => (value ? steps.findIndex((bound) => value <= bound) + 1 : 0);

export function showMap(city, period, shapes) {
  const place = find("map");
  if (!shapes.areas.length) {
    setContent(place);
    setText(find("map-note"), "No map yet: it is not ready, or no city folder is configured. The table has the figures.");
    return;
  }
  const figures = city.periods[period];
  const of = (code) => figures.areas[code]?.received ?? 0;
  const steps = bounds(Math.max(...shapes.areas.map((area) => of(area.code))));
  const label = `Map of ${shapes.areas.length} areas shaded by concerns that came in ${PERIODS[period](city)}; the table by area has the figures`;
  setContent(place,
    draw("svg", { viewBox: `-4 -4 ${shapes.width + 8} ${shapes.height + 8}`, role: "img", "aria-label": label },
      ...shapes.areas.map((area) => outline(area, of(area.code), steps)),
      ...shapes.areas.flatMap((area) => labels(area, of(area.code), steps))),
    legend(steps));
  const elsewhere = figures.no_area?.received ?? 0;
  setText(find("map-note"), `${concerns(figures.totals.received)} ${PERIODS[period](city)}${elsewhere ? `, ${count(elsewhere)} of them in no area (yet)` : ""}.`);
}

export function pointAt(code) {
  for (const path of document.querySelectorAll("#map path")) path.classList.toggle("at", path.dataset.area === code);
}

function outline(area, value, steps) {
  return draw("path", { d: area.path, class: `f${shade(value, steps)}`, "data-area": area.code }, draw("title", {}, `${areaName(area.code)} ${area.code}: ${count(value)}`));
}

function labels(area, value, steps) {
  const ink = `o${shade(value, steps)}`;
  const big = Math.min(46, area.r * 0.85, (area.r * 2.7) / count(value).length);
  const small = Math.max(25, Math.min(30, area.r * 0.5));
  return [
    draw("text", { x: area.x, y: area.y - big * 0.34, class: `code ${ink}`, "font-size": small }, area.code),
    draw("text", { x: area.x, y: area.y + big * 0.68, class: ink, "font-size": big }, count(value)),
  ];
}

function legend(steps) {
  const from = (index) => (index ? steps[index - 1] + 1 : 1);
  const words = steps.map((bound, index) => (from(index) === bound ? count(bound) : `${count(from(index))}–${count(bound)}`));
  return make("div", { class: "legend quiet" }, ...["0", ...words].map((word, index) => make("span", {}, make("i", { class: `f${index}` }), word)));
}
