// The tiles and the table by area. CONTRIBUTING.md, change 6, lists the places of a new tile.

import { find, make, setText, setContent } from "./elements.js";
import { NOTHING, areaName, concerns, count, length, longDay, percent, shortDay, span } from "./labels.js";

export const PERIODS = {
  day: (city) => (city.history ? `on ${shortDay(city.as_of)}` : "today"),
  week: (city) => (city.history ? `in the 7 days to ${shortDay(city.as_of)}` : "in the last 7 days"),
  half_year: (city) => (city.history ? `in the half year to ${shortDay(city.as_of)}` : "in the last half year"),
};

export function showCity(city) {
  setText(find("as-of"), city.history
    ? `History: figures as of ${longDay(city.as_of)}, its last day${city.since ? `; ${concerns(city.since)} since` : ""}`
    : longDay(city.as_of));
  setContent(find("tiles"), ...tiles(city).map(tile));
}

function tiles(city) {
  const { overall, periods } = city;
  const half = periods.half_year.totals;
  const seen = half.time_to_human_acknowledgement;
  return [
    { name: "received", label: `Came in ${PERIODS.day(city)}`, value: count(periods.day.totals.received),
      note: `${count(periods.week.totals.received)} in 7 days, ${count(half.received)} in half a year` },
    { name: "open", label: "Open cases", value: count(overall.open), note: `of ${concerns(overall.received)} in all` },
    { name: "in_triage", label: "Waiting for a person", value: count(overall.in_triage), note: "no rule could choose a team" },
    { name: "at_risk", label: "Promises at risk", value: count(overall.promises_at_risk),
      note: overall.promises_kept_share === null ? "none was due so far" : `of those due, ${percent(overall.promises_kept_share)} % kept, ${count(overall.promises_missed)} missed` },
    { name: "acknowledge", label: "Acknowledged within", ...length(seen.median),
      note: acknowledged(seen) },
    { name: "notices", label: "Notices delivered", value: percent(overall.notification_success), unit: overall.notification_success === null ? "" : "%",
      note: `${count(overall.notified)} delivered, ${count(overall.notification_failed)} given up` },
  ];
}

// Waiting concerns count too, so the median or the 90th percentile can be missing.
function acknowledged(seen) {
  if (!seen.count) return "by a person: none in this half year";
  if (seen.median === null) return `by a person: ${count(seen.count)} so far, not yet half of them`;
  return `by a person, half of them; nine in ten ${seen.p90 === null ? "not yet" : `within ${span(seen.p90)}`}`;
}

function tile({ name, label, value, unit, note }) {
  const number = make("dd", { class: "value", "data-figure": name }, value, unit ? make("span", { class: "unit" }, unit) : null);
  return make("div", { class: "tile" }, make("dt", {}, label), number, make("dd", { class: "note" }, note));
}

export function showAreas(city, period, shapes, onPoint) {
  const figures = city.periods[period];
  setText(find("areas-heading"), `By area, ${PERIODS[period](city)}`);
  setContent(find("areas-note"), "Times: median of the half year", make("span", { class: "p90" }, "; nine in ten within the grey figure"));
  const codes = [...new Set([...Object.keys(figures.areas), ...shapes.map((shape) => shape.code), ...Object.keys(city.periods.half_year.areas)])];
  const rows = codes.map((code) => ({ code, now: figures.areas[code], half: city.periods.half_year.areas[code] }));
  rows.sort((one, other) => (other.now?.received ?? 0) - (one.now?.received ?? 0) || areaName(one.code).localeCompare(areaName(other.code)));
  const most = Math.max(1, ...rows.map((entry) => entry.now?.received ?? 0));
  const longest = ["time_to_human_acknowledgement", "time_to_resolve"].map((time) => Math.max(1, ...rows.map((entry) => entry.half?.[time].p90 ?? 2 * (entry.half?.[time].median ?? 0))));
  const body = rows.map((entry) => row(entry, most, longest, onPoint));
  if (figures.no_area?.received) body.push(row({ code: null, now: figures.no_area, half: city.periods.half_year.no_area }, most, longest, () => {}));
  const heads = ["Area", "Came in", "Still open", "Acknowledged by a person", "Resolved"];
  setContent(find("areas"), make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...body)));
}

function row({ code, now, half }, most, [longestSeen, longestDone], onPoint) {
  const named = code !== null && areaName(code) !== code;
  const name = code === null ? ["No area (yet)"] : named ? [areaName(code), " ", make("span", { class: "quiet" }, code)] : [code];
  const line = make("tr", { "data-area": code ?? "_" },
    make("th", { scope: "row" }, ...name), amount(now?.received ?? 0, most), make("td", {}, count(now?.open ?? 0)),
    timeCell(half?.time_to_human_acknowledgement, longestSeen), timeCell(half?.time_to_resolve, longestDone));
  line.addEventListener("pointerenter", () => onPoint(code));
  line.addEventListener("pointerleave", () => onPoint(null));
  return line;
}

function amount(value, most) {
  const bar = make("i", {});
  bar.style.width = `${(100 * value) / most}%`;
  return make("td", {}, make("b", {}, count(value)), make("span", { class: "amount", "aria-hidden": "true" }, bar));
}

function timeCell(time, longest) {
  if ((time?.median ?? null) === null) return make("td", { class: "quiet" }, NOTHING);
  const line = make("i", {});
  const dot = make("b", {});
  const share = (value) => Math.min(100, (100 * value) / longest);
  line.style.left = `${share(time.median)}%`;
  line.style.width = `${share(time.p90 ?? longest) - share(time.median)}%`;
  dot.style.left = `${share(time.median)}%`;
  return make("td", {}, span(time.median), " ", make("span", { class: "p90" }, time.p90 === null ? "" : span(time.p90)),
    make("span", { class: "span", "aria-hidden": "true" }, line, dot));
}
