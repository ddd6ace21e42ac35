"use strict";
// Tables sort by their heads, and functions can be hidden. The page is complete without this script.

function value(row, column) {
  const cell = row.cells[column];
  const shown = cell.dataset.v ?? cell.textContent.trim();
  return shown === "" ? null : cell.dataset.v === undefined ? shown : Number(shown);
}

function compare(a, b) {
  return typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
}

function sort(table, heads, column) {
  const up = heads[column].getAttribute("aria-sort") !== "ascending";
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [value(row, column), row]);
  rows.sort(([a], [b]) =>
    // What could not be had comes last in both directions.
    a === null || b === null ? (a === null) - (b === null) : up ? compare(a, b) : compare(b, a),
  );
  body.append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(head.firstChild.textContent.trim());
    head.firstChild.replaceWith(button);
    button.addEventListener("click", () => sort(table, heads, column));
  });
}

const filter = document.querySelector(".filter");
const text = filter.querySelector("input[type=search]");
const status = filter.querySelector("[role=status]");
const words = status.textContent;
const boxes = [...filter.querySelectorAll("input[type=checkbox]")];

function show() {
  const wanted = text.value.trim().toLowerCase();
  const shown = new Set();
  for (const box of boxes) {
    const label = box.closest("label");
    label.hidden = !label.textContent.trim().toLowerCase().includes(wanted);
    if (box.checked && !label.hidden) shown.add(box.value);
  }
  for (const part of document.querySelectorAll("[data-f]"))
    part.hidden = !part.dataset.f.split(" ").every((place) => shown.has(place));
  status.textContent = words.replace("{shown}", shown.size).replace("{all}", boxes.length);
}

text.addEventListener("input", show);
for (const box of boxes) box.addEventListener("change", show);
filter.querySelector("button").addEventListener("click", () => {
  text.value = "";
  for (const box of boxes) box.checked = true;
  show();
});
filter.hidden = false;
show();
