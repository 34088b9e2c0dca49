// What happened last, and which promises may be missed.

import { find, make, show } from "./elements.js";
import { areaName, categoryName, teamName, when } from "./words.js";

const team = (each) => (each.team ? teamName(each.team) : "a team");
const WHAT = {
  "concern.received": () => "came in",
  "concern.supported": () => "was supported by another resident",
  "concern.routed": (each) => `went to ${team(each)}`,
  "concern.reassigned": (each) => `was handed to ${team(each)}`,
  "concern.unroutable": () => "waits for a person to choose a team",
  "concern.acknowledged": () => "was acknowledged by a person",
  "concern.updated": () => "had word from the team",
  "concern.referred": () => "was referred to a partner",
  "concern.resolved": () => "was resolved",
  "concern.declined": () => "was declined",
  "concern.closed": () => "was closed",
  "concern.reopened": () => "was reopened",
  "concern.fell_silent": () => "had no word for days",
  "concern.withdrawn": () => "was withdrawn",
  "promise.made": () => "has promises to keep",
  "promise.at_risk": () => "has a promise at risk",
  "promise.kept": () => "had its promise kept",
  "promise.missed": () => "had its promise missed",
  "promise.renegotiated": () => "has a new promise",
  "notification.delivered": () => "had a notice delivered",
  "notification.failed": () => "had a notice that was given up",
  "reopen.requested": () => "is not fixed, says the resident",
  "feedback.given": () => "had feedback",
};
const PROMISED = { acknowledgement: "to be acknowledged", response: "to be answered", agreed: "as agreed" };

export function showLatest(events, day) {
  show(find("latest"), ...(events.length ? events.map((each) => entry(each.at, day, sentence(each))) : [make("li", {}, make("span", {}, "Nothing has happened yet."))]));
}

export function showPromises(promises, day) {
  find("promises").hidden = !promises.length;
  show(find("promises-list"), ...promises.map((each) => entry(each.due, day, `${subject(each)} ${PROMISED[each.what] ?? each.what}`)));
}

const subject = (each) => `${each.category ? categoryName(each.category) : "A concern"}${each.area ? ` in ${areaName(each.area)}` : ""}`;

function sentence(each) {
  const told = WHAT[each.what];
  return `${subject(each)}${told ? ` ${told(each)}` : `: ${each.what.replaceAll(".", " ").replaceAll("_", " ")}`}`;
}

function entry(moment, day, text) {
  return make("li", {}, make("time", { datetime: moment }, when(moment, day)), make("span", {}, text));
}
