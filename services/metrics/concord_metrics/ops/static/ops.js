// The page: asks for the map once, listens to the feed, and shows each part as it comes.

import { showAreas, showCity } from "./city.js";
import { choose, find, say } from "./elements.js";
import { showLatest, showPromises } from "./latest.js";
import { startLive } from "./live.js";
import { pointAt, showMap } from "./map.js";
import { showPlatform } from "./platform.js";
import { startTheme } from "./theme.js";
import { showTrend } from "./trend.js";
import { stamp, useNames, useZone } from "./words.js";

const MAP_AGAIN_MS = 3_000; // it is drawn while the service starts
const parts = {};
let shapes = { areas: [] };
let period = "day";
let heardAt = null;

const SHOW = {
  city() {
    const { city } = parts;
    if (!city.periods) { notice(); return; } // the database has been away since the start
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
    ? `Live connection lost. ${heardAt ? `Figures of ${stamp(heardAt)}; t` : "T"}rying again …`
    : away ? `The database of the measures has been away since ${stamp(away)}. ${parts.city.at ? `The city's figures are of ${stamp(parts.city.at)}.` : "There are no figures yet."}` : "";
  say(find("notice"), text);
}

function changed(state) {
  connection = state;
  const words = { connecting: "Connecting …", live: "Live", polling: "Every 15 s", lost: "Not live" };
  find("live").dataset.state = state === "polling" ? "live" : state;
  say(find("live-text"), heardAt && state !== "connecting" ? `${words[state]} · ${stamp(heardAt)}` : words[state]);
  notice();
}

function took(part, data) {
  parts[part] = data;
  if (part !== "latest" && data.at) heardAt = data.at;
  SHOW[part]?.();
  if (connection !== "connecting") changed(connection);
}

async function readMap() {
  try {
    const answer = await fetch("/ops/map");
    shapes = await answer.json();
  } catch { /* asked again below */ }
  if (!shapes.areas.length) setTimeout(readMap, MAP_AGAIN_MS);
  else useNames(shapes);
  if (shapes.name) { say(find("city-name"), shapes.name); document.title = `${shapes.name} operations – Concord`; }
  if (shapes.areas.length) for (const part of Object.keys(parts)) SHOW[part]?.();
}

startTheme();
choose(find("period"), "period", (picked) => { period = picked; showPlaces(); });
readMap();
startLive(took, changed);
