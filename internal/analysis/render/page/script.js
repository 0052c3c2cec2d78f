"use strict";
(() => {
  // Everything on the page is there without this script. It adds sorting,
  // filtering, copying and a way to see one component's arrows alone.
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const day = cell.querySelector("time");
    const text = day ? day.dateTime : cell.textContent.trim();
    const number = parseFloat(text.replace(/[,<>\s]/g, ""));
    return { text, number };
  };
  const compare = (numeric) => (a, b) => {
    if (!numeric) return a.text.localeCompare(b.text, "en");
    const x = Number.isNaN(a.number) ? -Infinity : a.number;
    const y = Number.isNaN(b.number) ? -Infinity : b.number;
    return x === y ? 0 : x - y;
  };
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    const titles = all("thead th", table);
    titles.forEach((title, column) => {
      const button = make("button", "", title.textContent);
      button.type = "button";
      title.replaceChildren(button);
      const numeric = title.classList.contains("n");
      button.addEventListener("click", () => {
        const before = title.getAttribute("aria-sort");
        const descending = before === null ? numeric : before === "ascending";
        titles.forEach((other) => other.removeAttribute("aria-sort"));
        title.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const order = compare(numeric);
        const rows = Array.from(body.rows).map((row) => ({ row, value: valueOf(row, column) }));
        rows.sort((a, b) => (descending ? order(b.value, a.value) : order(a.value, b.value)));
        body.append(...rows.map((entry) => entry.row));
      });
    });
    if (body.rows.length < 12) continue;
    const filter = make("input", "filter", "");
    filter.type = "search";
    filter.placeholder = "Filter";
    filter.setAttribute("aria-label", "Filter: " + table.caption.textContent);
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      const fold = table.parentElement.nextElementSibling;
      if (wanted && fold && fold.matches(".fold")) fold.open = true;
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentElement.before(filter);
  }

  // On a narrow screen a row is a card, and each cell says what it is.
  for (const table of all("main table")) {
    const titles = all("thead th", table).map((title) => title.textContent);
    for (const row of table.tBodies[0].rows) {
      row.setAttribute("role", "row");
      Array.from(row.cells).forEach((cell, column) => {
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
        if (cell.tagName === "TD") cell.dataset.label = titles[column];
      });
    }
    table.setAttribute("role", "table");
    table.tBodies[0].setAttribute("role", "rowgroup");
    table.classList.add("cards");
  }

  if (navigator.clipboard && window.isSecureContext !== false) {
    for (const command of all(".command")) {
      const button = make("button", "copy", "Copy");
      button.type = "button";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(command.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not allowed";
        }
        setTimeout(() => (button.textContent = "Copy"), 1600);
      });
      command.parentElement.classList.add("with-copy");
      command.after(button);
    }
  }

  // A box that opens leads to a folded part of the page, in others that are folded.
  const unfold = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target || !target.matches(".inside")) return;
    for (let part = target; part; part = part.parentElement) if (part.matches("details")) part.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  for (const link of all(".map a")) link.addEventListener("click", () => setTimeout(unfold));
  unfold();

  for (const map of all(".map")) {
    const boxes = all(".box", map);
    const arrows = all(".arrow", map);
    const pick = (id) => {
      const near = new Set([id]);
      for (const arrow of arrows) {
        const { from, to } = arrow.dataset;
        arrow.classList.toggle("near", from === id || to === id);
        if (from === id) near.add(to);
        if (to === id) near.add(from);
      }
      for (const box of boxes) box.classList.toggle("near", near.has(box.dataset.id));
      map.classList.add("picked");
    };
    for (const box of boxes) {
      box.addEventListener("pointerenter", () => pick(box.dataset.id));
      box.addEventListener("pointerleave", () => map.classList.remove("picked"));
    }
  }

  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  if ("IntersectionObserver" in window) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const [id, link] of links) link.classList.toggle("here", id === entry.target.id);
      }
    }, { rootMargin: "-10% 0px -80% 0px" });
    for (const section of all("main > section[id]")) seen.observe(section);
  }
})();
