// Half a year by week: three small charts of one scale.

import { find, make, say, show } from "./elements.js";
import { count, month, percent, shortDay } from "./words.js";

const CHARTS = [["received", "Came in"], ["acknowledged", "Acknowledged"], ["resolved", "Resolved"]];

export function showTrend(city) {
  const { weeks } = city;
  const most = Math.max(1, ...weeks.map((each) => each.received));
  const totals = city.periods.half_year.totals;
  say(find("trend-note"), `By the week in which concerns came in; the line at the top is ${count(most)} a week`);
  show(find("trend"), ...CHARTS.map(([name, label]) => chart(weeks, name, label, most, totals)));
  show(find("trend-table"), table(weeks));
}

function chart(weeks, name, label, most, totals) {
  const bars = weeks.map((each) => {
    const bar = make("i", { title: `${shortDay(each.first)}: ${count(each[name])}` });
    bar.style.height = `${(100 * each[name]) / most}%`;
    return bar;
  });
  const sum = totals[name];
  const share = name === "received" || !totals.received ? "" : ` (${percent(sum / totals.received)} %)`;
  const highest = Math.max(...weeks.map((each) => each[name]));
  const words = `${label}, week by week from ${shortDay(weeks[0].first)}: ${count(sum)} in all, at most ${count(highest)} in a week`;
  return make("figure", { class: "multiple" },
    make("figcaption", {}, make("span", {}, label), make("span", {}, make("b", {}, count(sum)), make("span", { class: "quiet" }, share))),
    make("div", { class: "bars", role: "img", "aria-label": words }, ...bars), months(weeks));
}

function months(weeks) {
  const marks = weeks.map((each, index) => ({ index, name: month(each.first) })).filter((each, index, all) => index > 0 && each.name !== all[index - 1].name);
  return make("div", { class: "months", "aria-hidden": "true" }, ...marks.filter((each) => each.index <= weeks.length - 2).map(({ index, name }) => {
    const mark = make("span", {}, name);
    mark.style.left = `${(100 * index) / weeks.length}%`;
    return mark;
  }));
}

function table(weeks) {
  const heads = ["Week from", ...CHARTS.map(([, label]) => label)];
  const rows = weeks.map((each) => make("tr", {}, make("th", { scope: "row" }, shortDay(each.first)), ...CHARTS.map(([name]) => make("td", {}, count(each[name])))));
  return make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((each) => make("th", { scope: "col" }, each)))), make("tbody", {}, ...rows));
}
