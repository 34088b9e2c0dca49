// Light or dark: the setting of the system, or the choice on this device.

import { choose, find } from "./elements.js";

const STORAGE_KEY = "concord-ops-theme";

function storedChoice() {
  try { return localStorage.getItem(STORAGE_KEY) ?? "auto"; } catch { return "auto"; }
}

function store(choice) {
  try { localStorage.setItem(STORAGE_KEY, choice); } catch { /* without storage the choice lasts as long as the page */ }
}

export function startTheme() {
  const apply = (choice) => { document.documentElement.dataset.theme = choice; };
  const press = choose(find("theme"), "theme", (choice) => { store(choice); apply(choice); });
  press(storedChoice());
  apply(storedChoice());
}
