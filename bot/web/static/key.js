// Security keys: fetches what the key should sign, lets it answer, sends the form. Without this file codes do the same.
"use strict";
(() => {
  const form = document.querySelector("form[data-key]");
  if (!form || !window.PublicKeyCredential) return;
  const one = (s) => form.querySelector(s);
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const said = (shown) => { const box = one("[data-key-wrong]"); box.textContent = shown; box.hidden = !shown; };

  const asked = (found) => ({
    ...found,
    challenge: bytes(found.challenge),
    ...(found.user && { user: { ...found.user, id: bytes(found.user.id) } }),
    ...Object.fromEntries(["allowCredentials", "excludeCredentials"].filter((list) => found[list])
      .map((list) => [list, found[list].map((key) => ({ ...key, id: bytes(key.id) }))])),
  });
  const written = ({ id, rawId, type, response }) => JSON.stringify({
    id, rawId: text(rawId), type,
    response: Object.fromEntries(["clientDataJSON", "attestationObject", "authenticatorData", "signature"]
      .filter((part) => response[part]).map((part) => [part, text(response[part])])),
  });

  const ready = () => { form.elements.answer.value = ""; one("button").disabled = false; };
  one("[data-key-off]").hidden = true;
  one("button").hidden = false;
  addEventListener("pageshow", ready);
  form.addEventListener("submit", async (ev) => {
    if (form.elements.name && !form.elements.name.value.trim()) return; // the server says what is missing
    ev.preventDefault();
    one("button").disabled = true;
    said("");
    try {
      const answer = await fetch(form.dataset.ask, { method: "POST", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const publicKey = asked(await answer.json());
      const key = navigator.credentials;
      form.elements.answer.value = written(await (form.dataset.key === "make" ? key.create({ publicKey }) : key.get({ publicKey })));
      form.submit();
    } catch (error) {
      said(error.name === "InvalidStateError" ? form.dataset.twice : form.dataset.failed);
      ready();
    }
  });
})();
