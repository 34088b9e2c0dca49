// The report as steps, with a search, the position, a summary and a draft. The form works without any of it.

const form = document.getElementById("report");
const DRAFT = "concord.report";
const DAYS = 30;
const texts = form?.dataset;
const fill = (text, ...values) => values.reduce((filled, value, at) => filled.replace(`{${values.length > 1 || text.includes("{1}") ? at + 1 : ""}}`, value), text);
const make = (tag, values = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...children);
  return element;
};
const folded = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
const value = (name) => form.elements[name]?.value.trim() ?? "";
const sensitive = () => Boolean(form.querySelector("[data-sensitive]:checked"));

// Drafts: all fields but nothing of a sensitive concern. A browser may forbid storage; then there are none.
const drafts = {
  read() {
    try {
      const draft = JSON.parse(localStorage.getItem(DRAFT));
      if (draft && Date.now() - draft.at < DAYS * 864e5) return draft;
      localStorage.removeItem(DRAFT);
    } catch { /* no storage */ }
    return null;
  },
  write() {
    try {
      if (sensitive()) return localStorage.removeItem(DRAFT);
      const values = Object.fromEntries([...new FormData(form)].filter(([, typed]) => typed));
      if (values.category || values.description || values.address) localStorage.setItem(DRAFT, JSON.stringify({ at: Date.now(), values }));
    } catch { /* no storage */ }
    return undefined;
  },
  forget() {
    try { localStorage.removeItem(DRAFT); } catch { /* no storage */ }
  },
  use({ values }) {
    for (const [name, typed] of Object.entries(values)) {
      const field = form.elements[name];
      if (field) field.value = typed;
      field?.dispatchEvent?.(new Event("input", { bubbles: true }));
    }
  },
};

function offerDraft() {
  const note = document.getElementById("draft");
  const draft = drafts.read();
  if (!draft || document.querySelector("[data-error-box]")) return;
  const when = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  note.querySelector("p").textContent = fill(note.dataset.when, when);
  note.hidden = false;
  document.getElementById("draft-use").addEventListener("click", () => { drafts.use(draft); note.remove(); form.querySelector("h2").focus(); });
  document.getElementById("draft-delete").addEventListener("click", () => { drafts.forget(); note.remove(); form.querySelector("h2").focus(); });
}

function searchCategories() {
  const search = document.getElementById("search");
  const input = search.querySelector("input");
  const told = search.querySelector("[role=status]");
  search.hidden = false;
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  input.addEventListener("input", () => {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const choice of form.querySelectorAll(".group .choice")) {
      const group = choice.closest(".group").querySelector("h3").textContent;
      const fits = words.every((word) => folded(`${choice.textContent} ${group}`).includes(word));
      choice.hidden = !fits;
      found += fits;
    }
    for (const group of form.querySelectorAll(".group")) group.hidden = !group.querySelector(".choice:not([hidden])");
    if (!found) for (const each of form.querySelectorAll(".group, .group .choice")) each.hidden = false;
    told.textContent = words.length ? (found ? fill(input.dataset.found, found) : input.dataset.nothing) : "";
  });
}

function offerPosition() {
  const box = document.getElementById("position");
  if (!navigator.geolocation) return;
  const told = box.querySelector("[role=status]");
  box.hidden = false;
  const area = async (lat, lon) => {
    try {
      const answer = await fetch("/report/place", { method: "POST", body: new URLSearchParams({ lat, lon }), signal: AbortSignal.timeout(5000) });
      return answer.ok ? await answer.json() : {};
    } catch { return {}; }
  };
  box.querySelector("button").addEventListener("click", () => {
    told.textContent = box.dataset.searching;
    navigator.geolocation.getCurrentPosition(async ({ coords }) => {
      const metres = Math.max(1, Math.round(coords.accuracy));
      form.elements.coordinates.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      document.getElementById("more-place").open = true;
      const found = await area(coords.latitude, coords.longitude);
      const text = found.area ? fill(box.dataset.found, metres, found.area) : fill(found.known ? box.dataset.outside : box.dataset.plain, metres);
      told.textContent = metres > 100 ? `${text} ${box.dataset.vague}` : text;
      drafts.write();
    }, () => { told.textContent = box.dataset.failed; form.elements.address.focus(); }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
  });
}

function warnOfDanger() {
  const words = JSON.parse(texts.emergency).map(folded);
  const note = document.getElementById("danger");
  const pattern = words.length && new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map((word) => word.replace(/[^\p{L}\p{N} ]/gu, ".")).join("|")})(?![\\p{L}\\p{N}])`, "u");
  form.elements.description.addEventListener("input", () => { note.hidden = !pattern || !pattern.test(folded(form.elements.description.value)); });
}

// The steps. The browser's own Back goes one step back.
function stepper() {
  const sections = [...form.querySelectorAll("section")];
  const steps = make("p", { className: "steps" });
  const bar = make("div", { className: "bar" }, ...sections.map(() => make("i")));
  bar.setAttribute("aria-hidden", "true");
  form.classList.add("stepped");
  form.prepend(steps, bar);
  let at = 0;
  const show = (next, focus = true) => {
    at = next;
    sections.forEach((section, index) => { section.hidden = index !== at; bar.children[index].className = index <= at ? "done" : ""; });
    document.querySelector("[data-first]").hidden = at > 0;
    document.querySelector("h1").classList.toggle("hidden", at > 0);
    steps.textContent = fill(texts.step, at + 1, sections.length);
    if (sections[at].dataset.name === "check") summarise(sections, go);
    if (focus) { scrollTo(0, 0); sections[at].querySelector("h2").focus({ preventScroll: true }); }
  };
  const go = (next) => { history.pushState({ step: next }, ""); show(next); };
  addEventListener("popstate", ({ state }) => show(state?.step ?? 0));
  sections.forEach((section, index) => {
    const buttons = section.querySelector(".buttons") ?? section.appendChild(make("div", { className: "buttons" }));
    if (index < sections.length - 1) {
      const next = make("button", { type: "button", textContent: texts.next });
      next.addEventListener("click", () => { if (complete(section)) go(index + 1); });
      buttons.append(next);
    }
    if (index) {
      const back = make("button", { type: "button", className: "plain", textContent: texts.back });
      back.addEventListener("click", () => history.back());
      buttons.append(back);
    }
    section.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input") || index === sections.length - 1) return;
      event.preventDefault();
      if (complete(section)) go(index + 1);
    });
  });
  history.replaceState({ step: 0 }, "");
  show(0, false);
}

const NEEDED = { category: ["category"], place: ["address", "area", "coordinates"], words: ["description"] };

function complete(section) {
  section.querySelector(".error-box")?.remove();
  const { name, missing, missingField } = section.dataset;
  const needed = NEEDED[name];
  if (!needed || needed.some(value)) { drafts.write(); return true; }
  const target = name === "place" ? "address" : missingField ?? "category";
  const link = make("a", { href: `#${target}`, textContent: missing });
  link.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(target).focus(); });
  const box = make("div", { className: "error-box", tabIndex: -1 }, make("h2", { textContent: texts.problem }), make("ul", {}, make("li", {}, link)));
  box.setAttribute("role", "alert");
  section.prepend(box);
  if (!document.title.startsWith(texts.error)) document.title = `${texts.error} ${document.title}`;
  box.focus();
  return false;
}

function summarise(sections, go) {
  const list = document.getElementById("summary");
  const label = (name) => form.querySelector(`label[for="${name}"]`).firstChild.textContent.trim();
  const chosen = form.querySelector("[name=category]:checked");
  const area = form.elements.area?.selectedOptions[0];
  const when = value("occurred_at") && new Date(value("occurred_at")).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  const place = [value("address"), area?.value && area.textContent, value("coordinates")].filter(Boolean);
  const contact = ["name", "email", "phone"].map(value).filter(Boolean);
  const title = (index) => sections[index].querySelector("h2").textContent;
  const rows = [
    [title(0), chosen?.closest(".choice").querySelector("span").firstChild.textContent, 0],
    [title(1), place.join("\n"), 1],
    [label("description"), value("description"), 2],
    [label("occurred_at"), when || texts.none, 2],
    [title(3), contact.join("\n") || texts.anonymous, 3],
  ];
  list.replaceChildren(...rows.map(([name, text, step]) => {
    const change = make("button", { type: "button" }, texts.change, make("span", { className: "hidden", textContent: ` ${name}` }));
    change.addEventListener("click", () => go(step));
    return make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: text || texts.none }), make("dd", { className: "act" }, change));
  }));
  list.hidden = false;
}

// Before it sends, the script asks whether the network is there. A lost connection leaves all on the page.
function sendSafely() {
  const button = form.querySelector("[type=submit]");
  const lost = document.getElementById("lost");
  const label = button.textContent;
  let timer;
  const rest = () => { clearTimeout(timer); button.textContent = label; button.removeAttribute("aria-disabled"); };
  addEventListener("pageshow", rest);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    button.textContent = texts.sending;
    lost.hidden = true;
    drafts.write();
    timer = setTimeout(() => { button.textContent = texts.slow; }, 10000);
    try {
      await fetch("/report", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(20000) });
      form.submit();
    } catch {
      rest();
      lost.querySelector("p").textContent = sensitive() ? texts.offline : texts.kept;
      lost.hidden = false;
    }
  });
}

if (form) {
  offerDraft();
  searchCategories();
  offerPosition();
  warnOfDanger();
  sendSafely();
  form.addEventListener("change", () => drafts.write());
  if (!document.querySelector("[data-error-box]")) stepper();
}

// The page with the receipt.
const kept = document.querySelector("[data-receipt]");
if (kept) {
  drafts.forget();
  const told = document.querySelector("#receipt [role=status]");
  kept.hidden = false;
  kept.querySelector("[data-print]").addEventListener("click", () => print());
  const copy = kept.querySelector("[data-copy]");
  copy.addEventListener("click", async () => { await navigator.clipboard.writeText(kept.dataset.receipt); told.textContent = copy.dataset.done; });
  copy.hidden = !navigator.clipboard;
  const share = kept.querySelector("[data-share]");
  share.hidden = !navigator.share;
  share.addEventListener("click", () => navigator.share({ title: share.dataset.title, text: kept.dataset.receipt }).catch(() => {}));
}
