// The moderators' desk: keys, claim, toast. Without this file the same forms are sent by their buttons.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const live = one("#live");
  const form = one("[data-decide]");
  const toast = one("[data-toast]");
  const dialog = one("#keys");
  const switchOn = one("[data-keys-on]");
  const column = one("[data-decide-col]");
  const arm = one("[data-arm]");
  let armed = null; // the button that waits for a reason
  let sent = false;

  // Keys can be switched off (WCAG 2.1.4); the choice is kept on this device.
  const showKeys = () => document.body.classList.toggle("keyed", switchOn.checked);
  try { switchOn.checked = localStorage.getItem("keys") !== "off"; } catch { /* private mode */ }
  showKeys();
  switchOn.addEventListener("change", () => {
    showKeys();
    try { localStorage.setItem("keys", switchOn.checked ? "on" : "off"); } catch { /* private mode */ }
  });
  const help = one("[data-help]");
  help.hidden = false;
  help.addEventListener("click", () => dialog.showModal());

  // Whoever opens a notice holds it; when somebody else was faster the page says so.
  if (form?.dataset.claim) {
    fetch(form.dataset.claim, { method: "POST", keepalive: true, credentials: "same-origin" })
      .then((answer) => {
        if (answer.status === 409 || answer.redirected) location.reload();
        else if (answer.ok) one("[data-held]").hidden = false;
      })
      .catch(() => { /* offline: the decision itself will tell */ });
  }

  // What was decided is told, and can be undone while the toast stands.
  if (toast) {
    const hide = () => { toast.hidden = true; };
    setTimeout(hide, Math.max(0, Number(toast.dataset.left)));
    setTimeout(() => { live.textContent = one("[data-toast-text]").textContent; }, 100);
    if (!one(".summary")) one("#d")?.focus({ preventScroll: true });
  }
  const queue = one(".queue-col");
  const current = one("[data-q][aria-current]");
  if (queue && current && queue.scrollHeight > queue.clientHeight) {
    queue.scrollTop = current.offsetTop - queue.offsetTop - queue.clientHeight / 2;
  }

  // With nothing to read, look now and then whether something came.
  const waits = one("[data-waits]");
  if (waits) {
    waits.hidden = false;
    setInterval(async () => {
      if (document.hidden || dialog.open) return;
      const answer = await fetch(waits.dataset.waits, { redirect: "manual" }).catch(() => null);
      if (answer?.type === "opaqueredirect") location.reload();
    }, 20000);
  }

  // Nothing is sent twice, and a refusal asks for its reason before it leaves.
  const reasons = () => all(".reasons input");
  const chosen = () => reasons().some((radio) => radio.checked);
  const disarm = () => {
    armed = null;
    arm.hidden = true;
    column.classList.remove("armed");
  };
  const askReason = (button) => {
    armed = button;
    column.classList.add("armed");
    arm.textContent = arm.dataset[button.value];
    arm.hidden = false;
    live.textContent = arm.textContent;
    reasons()[0]?.focus({ preventScroll: true });
  };
  form?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (sent) { event.preventDefault(); return; }
    const note = one("#note").value.trim();
    if (button?.dataset.needs && !chosen() && !(button.value === "ask" && note)) {
      event.preventDefault();
      askReason(button);
      return;
    }
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });

  const step = (by) => {
    const items = all("[data-q]");
    const at = items.findIndex((item) => item.hasAttribute("aria-current"));
    const next = items[at < 0 ? 0 : at + by];
    if (next) location.assign(next.href);
  };
  const digit = (n) => {
    const radio = reasons()[n - 1];
    if (!radio || radio.matches(":disabled")) return;
    radio.checked = true;
    live.textContent = radio.dataset.text;
    if (armed) armed.click();
  };
  const typing = (target) => target.closest?.("input:not([type=radio]), textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (event.key === "Escape" && armed && !dialog.open) { disarm(); return; }
    if (!switchOn.checked || dialog.open || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const number = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1] // AZERTY types & é " ' (
      ?? /^[1-5]$/.exec(key)?.[0];
    if (armed && !number) {
      // Whoever writes now writes the sentence: no letter of it decides anything.
      if (event.key.length === 1 && event.key !== " ") one("#note").focus();
      return;
    }
    if (key === "?") dialog.showModal();
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (number) digit(Number(number));
    else if (/^[aecrs]$/.test(key)) one(`[data-decide] [data-key="${key}"]:not(:disabled)`)?.click();
    else if (key === "z" && toast && !toast.hidden) one('[data-key="z"]').click();
    else return;
    event.preventDefault();
  });
})();
