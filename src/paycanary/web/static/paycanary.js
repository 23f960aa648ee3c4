// Suggestions while typing: a combobox after ARIA 1.2. Without this script the form simply searches.
"use strict";

(() => {
  const WAIT = 140;

  function combobox(input) {
    const list = document.createElement("ul");
    const status = document.createElement("div");
    list.id = `${input.id}-list`;
    list.className = "listbox";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.label);
    status.className = "spoken";
    status.setAttribute("role", "status");
    input.after(list, status);
    for (const [name, value] of Object.entries({
      role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    })) input.setAttribute(name, value);

    let timer = 0, asked = "", active = -1, request = null;

    const options = () => [...list.children];

    // Also drops what is on its way: a late answer must not open again what was closed.
    function close() {
      clearTimeout(timer);
      request?.abort();
      asked = "";
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(place) {
      const all = options();
      if (!all.length) return;
      active = (place + all.length) % all.length;
      all.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
      all[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", all[active].id);
    }

    function take(option) {
      if (input.dataset.take === "name") {
        input.value = option.dataset.id;
        close();
        input.form.requestSubmit();
      } else {
        location.assign(option.dataset.href);
      }
    }

    function show(found) {
      list.replaceChildren(...found.map((hit, i) => {
        const option = document.createElement("li");
        const more = document.createElement("small");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.href = hit.href;
        option.dataset.id = hit.id;
        option.textContent = hit.name;
        more.textContent = hit.more;
        option.append(more);
        return option;
      }));
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      status.textContent = input.dataset.count.replace("{n}", found.length);
    }

    async function ask() {
      const text = input.value.trim();
      if (text === asked) return;
      if (!text) return close();
      asked = text;
      request?.abort();
      const mine = request = new AbortController();
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: mine.signal });
        const found = answer.ok ? await answer.json() : null;
        if (mine.signal.aborted) return;
        if (found) show(found);
        else close();
      } catch {
        if (!mine.signal.aborted) close();
      }
    }

    // While Korean is being composed, `input` comes with every jamo: that is what initial consonants need.
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      // Enter and arrows that finish a composition belong to the input method.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") {
        if (!list.hidden) event.preventDefault();
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) {
          clearTimeout(timer);
          ask();
        } else {
          mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
        }
        event.preventDefault();
      } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
        take(options()[active]);
        event.preventDefault();
      }
    });
    input.addEventListener("blur", () => {
      clearTimeout(timer);
      setTimeout(close, 150);
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("li");
      if (option) take(option);
    });
  }

  document.querySelectorAll("input[data-suggest]").forEach(combobox);
})();
