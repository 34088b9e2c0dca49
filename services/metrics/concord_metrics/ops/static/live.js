// The live connection. Calls `took(part, data)` for each part and `changed(state)`: connecting, live, polling or lost.

const SILENT_MS = 25_000; // the service says something every ten seconds
const AGAIN_MS = 5_000;
const POLL_MS = 15_000;
const PARTS = ["city", "latest", "platform"];

export function startLive(took, changed) {
  let source = null;
  let watchdog = 0;

  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => { changed("lost"); source?.close(); connect(); }, SILENT_MS);
    changed("live");
  }

  function connect() {
    source = new EventSource("/ops/feed");
    source.addEventListener("open", heard);
    source.addEventListener("beat", heard);
    for (const part of PARTS) {
      source.addEventListener(part, (event) => { heard(); took(part, JSON.parse(event.data)); });
    }
    source.addEventListener("error", () => {
      clearTimeout(watchdog);
      if (source.readyState === EventSource.CLOSED) poll(); // refused: as many as can watch live do so already
      else changed("lost"); // the browser connects again by itself
    });
  }

  async function poll() {
    try {
      const answer = await fetch("/ops/state");
      if (!answer.ok) throw new Error(answer.statusText);
      for (const [part, data] of Object.entries(await answer.json())) took(part, data);
      changed("polling");
      setTimeout(connect, POLL_MS);
    } catch {
      changed("lost");
      setTimeout(connect, AGAIN_MS);
    }
  }

  connect();
}
