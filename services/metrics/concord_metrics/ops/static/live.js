// The live connection. Calls `onPart(part, data)` for each part and `onState(state)`: connecting, live, polling or lost.

const SILENT_MS = 25_000; // the service sends an event at least every ten seconds
const RETRY_MS = 5_000;
const POLL_MS = 15_000;
const PARTS = ["city", "latest", "platform"];

export function startLive(onPart, onState) {
  let source = null;
  let watchdog = 0;

  function onEvent() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => { onState("lost"); source?.close(); connect(); }, SILENT_MS);
    onState("live");
  }

  function connect() {
    source = new EventSource("/ops/feed");
    source.addEventListener("open", onEvent);
    source.addEventListener("beat", onEvent);
    for (const part of PARTS) {
      source.addEventListener(part, (event) => { onEvent(); onPart(part, JSON.parse(event.data)); });
    }
    source.addEventListener("error", () => {
      clearTimeout(watchdog);
      if (source.readyState === EventSource.CLOSED) poll(); // refused: the stream has its largest number of viewers
      else onState("lost"); // the browser reconnects by itself
    });
  }

  async function poll() {
    try {
      const response = await fetch("/ops/state");
      if (!response.ok) throw new Error(response.statusText);
      for (const [part, data] of Object.entries(await response.json())) onPart(part, data);
      onState("polling");
      setTimeout(connect, POLL_MS);
    } catch {
      onState("lost");
      setTimeout(connect, RETRY_MS);
    }
  }

  connect();
}
