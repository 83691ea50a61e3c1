// Times in the reader's own time zone beside UTC, and pages that renew themselves unless somebody is writing in them.
"use strict";
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) continue;
  const local = at.toLocaleString(undefined, {month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short"});
  const span = document.createElement("span");
  span.className = "local";
  span.textContent = `(${local})`;
  time.append(" ", span);
}
const renew = Number(document.body.dataset.renew);
if (renew > 0) {
  let written = false;
  document.addEventListener("input", () => { written = true; });
  setInterval(() => { if (!written && !document.hidden) location.reload(); }, renew * 1000);
}
