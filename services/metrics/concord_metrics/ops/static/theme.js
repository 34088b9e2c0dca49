// Light or dark: as the system says, or as chosen on this device.

import { choose, find } from "./elements.js";

const KEPT = "concord-ops-theme";

function kept() {
  try { return localStorage.getItem(KEPT) ?? "auto"; } catch { return "auto"; }
}

function keep(choice) {
  try { localStorage.setItem(KEPT, choice); } catch { /* a browser that keeps nothing: the choice lasts as long as the page */ }
}

export function startTheme() {
  const apply = (choice) => { document.documentElement.dataset.theme = choice; };
  const press = choose(find("theme"), "theme", (picked) => { keep(picked); apply(picked); });
  press(kept());
  apply(kept());
}
