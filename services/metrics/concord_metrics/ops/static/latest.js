// The latest events, and the promises at risk.

import { find, make, setContent } from "./elements.js";
import { areaName, categoryName, teamName, when } from "./labels.js";

const team = (event) => (event.team ? teamName(event.team) : "a team");
const WHAT = {
  "concern.received": () => "came in",
  "concern.routed": (event) => `went to ${team(event)}`,
  "concern.reassigned": (event) => `was reassigned to ${team(event)}`,
  "concern.unroutable": () => "waits for a person to choose a team",
  "concern.acknowledged": () => "was acknowledged by a person",
  "concern.updated": () => "has a message from the team",
  "concern.referred": () => "was referred to a partner",
  "concern.resolved": () => "was resolved",
  "concern.declined": () => "was declined",
  "concern.closed": () => "was closed",
  "concern.reopened": () => "was reopened",
  "concern.answered": () => "has an answer of the resident",
  "concern.unanswered": () => "waits for an answer of the resident",
  "concern.fell_silent": () => "has had no message for days",
  "concern.withdrawn": () => "was withdrawn",
  "promise.made": () => "has promises to keep",
  "promise.at_risk": () => "has a promise at risk",
  "promise.kept": () => "had its promise kept",
  "promise.missed": () => "had its promise missed",
  "promise.renegotiated": () => "has a new promise",
  "notification.delivered": () => "had a notice delivered",
  "notification.failed": () => "had a notice that failed",
  "reopen.requested": () => "is not fixed for the resident",
  "feedback.given": () => "had feedback",
  "feedback.undecided": () => "had feedback: the resident cannot tell",
};
const PROMISES = { acknowledgement: "to be acknowledged", response: "to be answered", agreed: "as agreed" };

export function showLatest(events, day) {
  setContent(find("latest"), ...(events.length ? events.map((event) => entry(event.at, day, sentence(event))) : [make("li", {}, make("span", {}, "Nothing has happened yet."))]));
}

export function showPromises(promises, day) {
  find("promises").hidden = !promises.length;
  setContent(find("promises-list"), ...promises.map((promise) => entry(promise.due, day, `${subject(promise)} ${PROMISES[promise.what] ?? promise.what}`)));
}

const subject = ({ category, area }) => `${category ? categoryName(category) : "A concern"}${area ? ` in ${areaName(area)}` : ""}`;

function sentence(event) {
  const predicate = WHAT[event.what];
  return `${subject(event)}${predicate ? ` ${predicate(event)}` : `: ${event.what.replaceAll(".", " ").replaceAll("_", " ")}`}`;
}

function entry(moment, day, text) {
  return make("li", {}, make("time", { datetime: moment }, when(moment, day)), make("span", {}, text));
}
