import { askStatus, type Status } from "./status";

const refreshMs = 15_000;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with the id ${id}`);
  return found;
}

/** Text goes in as text nodes only, so that no answer can become markup. */
function show(status: Status): void {
  element("status").dataset["state"] = status.state;
  const text = element("status-text");
  // Unchanged text is left alone, or a screen reader would repeat it.
  if (text.textContent !== status.text) text.textContent = status.text;
  const list = element("components");
  list.replaceChildren(
    ...status.components.map((part) => {
      const item = document.createElement("li");
      item.dataset["healthy"] = String(part.healthy);
      const name = document.createElement("span");
      name.textContent = part.name;
      const word = document.createElement("span");
      word.textContent = part.status;
      item.append(name, word);
      return item;
    }),
  );
  list.hidden = status.components.length === 0;
}

async function refresh(): Promise<void> {
  // A page in the background asks nothing.
  if (document.visibilityState === "visible") {
    show(await askStatus((url, init) => fetch(url, init)));
  }
  setTimeout(() => void refresh(), refreshMs);
}

void refresh();
