// Half a year by week: three small charts with one scale.

import { find, make, setText, setContent } from "./elements.js";
import { count, month, percent, shortDay } from "./labels.js";

const CHARTS = [["received", "Came in"], ["acknowledged", "Acknowledged"], ["resolved", "Resolved"]];

export function showTrend(city) {
  const { weeks } = city;
  const most = Math.max(1, ...weeks.map((week) => week.received));
  const totals = city.periods.half_year.totals;
  setText(find("trend-note"), `By the week in which concerns came in; the line at the top is ${count(most)} a week`);
  setContent(find("trend"), ...CHARTS.map(([name, label]) => chart(weeks, name, label, most, totals)));
  setContent(find("trend-table"), table(weeks));
}

function chart(weeks, name, label, most, totals) {
  const bars = weeks.map((week) => {
    const bar = make("i", { title: `${shortDay(week.first)}: ${count(week[name])}` });
    bar.style.height = `${(100 * week[name]) / most}%`;
    return bar;
  });
  const sum = totals[name];
  const share = name === "received" || !totals.received ? "" : ` (${percent(sum / totals.received)} %)`;
  const highest = Math.max(...weeks.map((week) => week[name]));
  const words = `${label}, week by week from ${shortDay(weeks[0].first)}: ${count(sum)} in all, at most ${count(highest)} in a week`;
  return make("figure", { class: "multiple" },
    make("figcaption", {}, make("span", {}, label), make("span", {}, make("b", {}, count(sum)), make("span", { class: "quiet" }, share))),
    make("div", { class: "bars", role: "img", "aria-label": words }, ...bars), months(weeks));
}

function months(weeks) {
  const marks = weeks.map((week, index) => ({ index, name: month(week.first) })).filter((mark, index, all) => index > 0 && mark.name !== all[index - 1].name);
  return make("div", { class: "months", "aria-hidden": "true" }, ...marks.filter((mark) => mark.index <= weeks.length - 2).map(({ index, name }) => {
    const mark = make("span", {}, name);
    mark.style.left = `${(100 * index) / weeks.length}%`;
    return mark;
  }));
}

function table(weeks) {
  const heads = ["Week from", ...CHARTS.map(([, label]) => label)];
  const rows = weeks.map((week) => make("tr", {}, make("th", { scope: "row" }, shortDay(week.first)), ...CHARTS.map(([name]) => make("td", {}, count(week[name])))));
  return make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows));
}
