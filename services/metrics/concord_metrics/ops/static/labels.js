// Formats numbers, times and names for the page. Times are in the city's zone.

export const NOTHING = "–";
let zone = "UTC";
let names = { areas: {}, categories: {}, teams: {} };

export function useZone(name) { zone = name; }

export function useNames(map) {
  names = { areas: Object.fromEntries(map.areas.map((area) => [area.code, area.name])), categories: map.categories, teams: map.teams };
}

export const areaName = (code) => names.areas[code] ?? code;
export const categoryName = (code) => names.categories[code] ?? code.replaceAll("_", " ");
export const teamName = (code) => names.teams[code] ?? code;

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

export const count = (value) => (value === null || value === undefined ? NOTHING : whole.format(value));

export const concerns = (value) => `${count(value)} ${value === 1 ? "concern" : "concerns"}`;

// 12.3, but 1,234 without a fraction.
export const rate = (value) => (value === null || value === undefined ? NOTHING : (value >= 100 ? whole : tenth).format(value));

// A share from 0 to 1. 99.94 % must not read as 100 %.
export function percent(value) {
  if (value === null || value === undefined) return NOTHING;
  const shown = value * 100;
  return shown < 100 && shown > 99.9 ? "> 99.9" : tenth.format(shown);
}

const LENGTHS = [[86400 * 2, 86400, "d"], [3600 * 2, 3600, "h"], [120, 60, "min"], [1, 1, "s"], [0.001, 0.001, "ms"], [0, 0.000001, "µs"]];

// A length of time in seconds: { value: "3.2", unit: "h" }.
export function length(seconds) {
  if (seconds === null || seconds === undefined) return { value: NOTHING, unit: "" };
  if (seconds === 0) return { value: "0", unit: "s" };
  const [, size, unit] = LENGTHS.find(([least]) => seconds >= least);
  return { value: rate(seconds / size), unit };
}

export function span(seconds) {
  const { value, unit } = length(seconds);
  return unit ? `${value} ${unit}` : value;
}

const format = (options) => (moment) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(new Date(moment));
export const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
// 12:03:10 EST
export const stamp = (moment) => new Intl.DateTimeFormat("en-US", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" }).format(new Date(moment));
const dayAndMinute = format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const minute = format({ hour: "2-digit", minute: "2-digit" });
const isoDay = (moment) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(moment));

const yearAndMinute = format({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

// The time of day, with the day if it differs from `day`, and with the year if that differs too.
export function when(moment, day) {
  const on = isoDay(moment);
  if (on === day) return minute(moment);
  return on.slice(0, 4) === day?.slice(0, 4) ? dayAndMinute(moment) : yearAndMinute(moment);
}

// Days of the calendar have no zone.
const calendar = (options) => (day) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(new Date(`${day}T00:00:00Z`));
export const longDay = calendar({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
export const shortDay = calendar({ day: "numeric", month: "short", year: "numeric" });
export const month = calendar({ month: "short" });
