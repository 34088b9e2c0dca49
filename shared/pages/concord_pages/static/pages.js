// What every page does with script. All of it is an extra: the pages work without.

const box = document.querySelector("[data-error-box]");
if (box) box.focus();

for (const link of document.querySelectorAll("[data-error-box] a")) {
  link.addEventListener("click", (event) => {
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".field") ?? field).scrollIntoView();
    field.focus({ preventScroll: true });
  });
}

// A counter appears at three quarters, and a live region tells it after a pause in typing: not at every key.
for (const area of document.querySelectorAll("textarea[data-limit]")) {
  const limit = Number(area.dataset.limit);
  const shown = Object.assign(document.createElement("p"), { className: "counter", hidden: true });
  const told = Object.assign(document.createElement("p"), { className: "hidden" });
  shown.setAttribute("aria-hidden", "true");
  told.setAttribute("aria-live", "polite");
  area.after(shown, told);
  let pause;
  const count = () => {
    const left = limit - [...area.value.trim()].length;
    const text = (left < 0 ? area.dataset.over : area.dataset.left).replace("{}", Math.abs(left).toLocaleString(document.documentElement.lang));
    shown.hidden = left > limit / 4;
    shown.textContent = text;
    shown.classList.toggle("over", left < 0);
    clearTimeout(pause);
    pause = setTimeout(() => { told.textContent = shown.hidden ? "" : text; }, 1000);
  };
  area.addEventListener("input", count);
  count();
}

// A second tap on a button that sends does nothing; the server would take it once all the same.
for (const form of document.querySelectorAll("form[method=post]:not([data-own-sending])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) event.preventDefault();
    form.dataset.sending = "yes";
    addEventListener("pageshow", () => delete form.dataset.sending, { once: true });
  });
}

// A page opened before an answer came back must not be left at a stranger's glance: one tap to another site.
for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const field of document.querySelectorAll("form")) field.reset();
    document.body.replaceChildren();
    location.replace(link.href);
  });
}
