// Keys of the lists: j goes to the next case, k to the one before. Enter opens it, as it does every link.
const links = [...document.querySelectorAll("[data-cases] a")];
const help = document.querySelector("[data-keys]");
if (help && matchMedia("(hover: hover)").matches) help.hidden = false;

addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
  const at = links.indexOf(document.activeElement);
  const next = event.key === "j" ? at + 1 : at < 0 ? 0 : at - 1;
  const link = links[Math.min(Math.max(next, 0), links.length - 1)];
  if (!link) return;
  event.preventDefault();
  link.focus();
  link.closest("li").scrollIntoView({ block: "nearest" });
});

// Back after the sign-out must show nothing: a page out of the browser's memory is loaded anew.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
