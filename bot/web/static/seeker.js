// The seeker's pages: the tick "remote" in the preview, and copying the personal link. Without this file both pages work.
"use strict";
const remote = document.querySelector("[data-remote]");
const shown = document.querySelector("[data-remote-out]");
if (remote && shown) {
  const paint = () => { shown.hidden = !remote.checked; };
  remote.addEventListener("change", paint);
  paint();
}

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const field = document.getElementById(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
      copy.textContent = copy.dataset.done;
      document.getElementById("live").textContent = copy.dataset.done;
    } catch {
      field.select();
    }
  });
}
