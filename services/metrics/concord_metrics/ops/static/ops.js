// The page: loads the map once, opens the live connection, and shows each part on arrival.

import { showAreas, showCity } from "./city.js";
import { choose, find, setText } from "./elements.js";
import { showLatest, showPromises } from "./latest.js";
import { startLive } from "./live.js";
import { pointAt, showMap } from "./map.js";
import { showPlatform } from "./platform.js";
import { startTheme } from "./theme.js";
import { showTrend } from "./trend.js";
import { stamp, useNames, useZone } from "./labels.js";

const MAP_RETRY_MS = 3_000; // the service draws it after its start
const parts = {};
let shapes = { areas: [] };
let period = "day";
let receivedAt = null;

const SHOW = {
  city() {
    const { city } = parts;
    if (!city.periods) { notice(); return; } // no database since the start of the service
    useZone(city.time_zone);
    showCity(city);
    showPlaces();
    showTrend(city);
    showPromises(city.at_risk, city.as_of);
    if (parts.latest) showLatest(parts.latest, city.as_of);
    notice();
  },
  latest() { if (parts.city?.periods) showLatest(parts.latest, parts.city.as_of); },
  platform() { showPlatform(parts.platform); },
};

function showPlaces() {
  if (!parts.city?.periods) return;
  showMap(parts.city, period, shapes);
  showAreas(parts.city, period, shapes.areas, pointAt);
}

let connection = "connecting";

function notice() {
  const away = parts.city?.away_since;
  const text = connection === "lost"
    ? `Live connection lost. ${receivedAt ? `Figures of ${stamp(receivedAt)}; t` : "T"}rying again …`
    : away ? `The database of the measures has been away since ${stamp(away)}. ${parts.city.at ? `The city's figures are of ${stamp(parts.city.at)}.` : "There are no figures yet."}` : "";
  setText(find("notice"), text);
}

function onState(state) {
  connection = state;
  const words = { connecting: "Connecting …", live: "Live", polling: "Every 15 s", lost: "Not live" };
  find("live").dataset.state = state === "polling" ? "live" : state;
  setText(find("live-text"), receivedAt && state !== "connecting" ? `${words[state]} · ${stamp(receivedAt)}` : words[state]);
  notice();
}

function onPart(part, data) {
  parts[part] = data;
  if (part !== "latest" && data.at) receivedAt = data.at;
  SHOW[part]?.();
  if (connection !== "connecting") onState(connection);
}

async function readMap() {
  try {
    const response = await fetch("/ops/map");
    shapes = await response.json();
  } catch { /* retried below */ }
  if (!shapes.areas.length) setTimeout(readMap, MAP_RETRY_MS);
  else useNames(shapes);
  if (shapes.name) { setText(find("city-name"), shapes.name); document.title = `${shapes.name} operations – Concord`; }
  if (shapes.areas.length) for (const part of Object.keys(parts)) SHOW[part]?.();
}

startTheme();
choose(find("period"), "period", (choice) => { period = choice; showPlaces(); });
readMap();
startLive(onPart, onState);
