// Finds the number that the form asks a browser for, while its person writes. Without this file the form works, slower.
"use strict";
const field = document.querySelector("[data-target]");
if (field && window.crypto?.subtle) {
  const { stamp, target, most } = field.dataset;
  const bytes = new TextEncoder();
  const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
  (async () => {
    for (let n = 0; n < Number(most); n += 1) {
      if (hex(await crypto.subtle.digest("SHA-256", bytes.encode(`${stamp}.${n}`))) === target) {
        field.value = String(n);
        return;
      }
    }
  })();
}
