// A card for each service and one for the broker.

import { draw, find, make, setText, setContent } from "./elements.js";
import { NOTHING, clock, count, percent, rate, span } from "./labels.js";

const STATES = { ready: "Ready", unready: "Not ready", away: "Away", unknown: "Not seen yet" };

export function showPlatform(platform) {
  setText(find("platform-note"), `As of ${clock(platform.at)}`);
  setContent(find("platform"), ...platform.services.map(serviceCard), brokerCard(platform));
}

function card(title, state, since, reasons, ...content) {
  const stale = state === "away" ? " stale" : "";
  return make("article", { class: `card${stale}`, "data-state": state, "data-name": title },
    make("header", {}, make("h3", {}, title),
      make("p", { class: "state", "data-state": state }, make("span", { class: "glyph", "aria-hidden": "true" }), STATES[state])),
    state === "ready" || state === "unknown" ? null : make("p", { class: "why" }, `Since ${clock(since)}: ${reasons.join("; ")}`),
    ...content);
}

function serviceCard(service) {
  const { pace, state } = service;
  const now = pace ? pace.read + pace.sent : null;
  const seen = state === "away" && service.seen ? make("p", { class: "quiet small" }, `Figures of ${clock(service.seen)}`) : null;
  return card(service.name, state, service.since, service.reasons,
    make("div", { class: "rate" }, make("p", {}, make("b", {}, rate(now)), make("span", { class: "quiet small" }, " messages/s")), spark(service)),
    seen, facts(service));
}

function facts(service) {
  const { pace } = service;
  const lines = [
    service.queue === null ? null : ["In its queues", count(service.queue)],
    ["Outbox", service.outbox ? `${count(service.outbox)}, oldest ${span(service.outbox_age)}` : count(service.outbox), service.outbox_age > 60 ? "warn" : ""],
    ["To be retried", count(service.waiting), service.waiting > 0 ? "warn" : ""],
    ["Parked", count(service.parked), service.parked > 0 ? "bad" : ""],
    service.unroutable_private > 0 ? ["No queue takes", count(service.unroutable_private), "bad"] : null,
    ["Handling time", pace?.batch ? `${span(pace.batch)}, ${span(pace.message)} each` : NOTHING],
    service.success === null ? null : ["Delivered", `${percent(service.success)} %`],
    ["Database", { ready: "reachable", away: "away", unknown: "unknown" }[service.database], service.database === "away" ? "bad" : ""],
    ["Broker", service.broker === null ? "unknown" : service.broker.length ? "connected" : "not connected", service.broker?.length === 0 ? "bad" : ""],
  ];
  return list(lines);
}

function list(lines) {
  return make("dl", { class: "facts" }, ...lines.filter(Boolean).flatMap(([name, value, kind]) =>
    [make("dt", {}, name), make("dd", kind ? { class: kind } : {}, value)]));
}

function brokerCard({ broker, services }) {
  const waiting = services.reduce((sum, service) => (service.queue === null ? sum : (sum ?? 0) + service.queue), null);
  const connected = services.filter((service) => service.broker?.length).length;
  return card("broker", broker.state, broker.since, broker.reasons,
    make("div", { class: "rate" }, make("p", {}, make("b", {}, count(waiting)), make("span", { class: "quiet small" }, " messages in queues"))),
    list([
      ["Services", `${connected} of ${services.length}`, connected < services.length ? "warn" : ""],
      broker.nodes === null ? null : ["Nodes running", count(broker.nodes)],
      broker.log === null ? null : ["Kept for replay", count(broker.log)],
      broker.version ? ["RabbitMQ", broker.version] : null,
    ]));
}

// The message rate of the last probes as a line, with a gap for each failed probe.
function spark(service) {
  const most = Math.max(1, ...service.rates.map((value) => value ?? 0));
  const shown = 60;
  const lines = [[]];
  service.rates.forEach((value, index) => {
    if (value === null) lines.push([]);
    else lines.at(-1).push(`${index + shown - service.rates.length},${(30 - (28 * value) / most).toFixed(1)}`);
  });
  return draw("svg", { class: "spark", viewBox: `0 0 ${shown} 32`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...lines.filter((line) => line.length > 1).map((line) => draw("polyline", { points: line.join(" ") })));
}
