// The day slider and the share button of a company's page. Without this script the forms below do the same.
"use strict";

(() => {
  const WAIT = 250;

  function slider(place) {
    const select = place.querySelector("select");
    const days = [...select.options].map((option) => option.value).reverse();
    if (days.length < 2) return;
    const box = document.createElement("div");
    const label = document.createElement("label");
    const range = document.createElement("input");
    const shown = document.createElement("output");
    box.className = "sliding";
    label.textContent = place.dataset.label;
    label.htmlFor = range.id = "slide";
    Object.assign(range, { type: "range", min: 0, max: days.length - 1, step: 1 });
    range.value = days.indexOf(select.value);
    shown.htmlFor = "slide";
    shown.setAttribute("aria-live", "polite");
    box.append(label, range, shown);
    place.prepend(box);

    const name = (day) => day || select.options[0].textContent.trim();
    const tell = () => {
      range.setAttribute("aria-valuetext", name(days[range.value]));
      shown.textContent = name(days[range.value]);
    };
    tell();

    let timer = 0, request = null;

    async function load() {
      const day = days[range.value];
      const address = place.dataset.here + (day ? `?as_of=${day}` : "");
      const target = document.getElementById("verdict");
      request?.abort();
      request = new AbortController();
      target.setAttribute("aria-busy", "true");
      shown.textContent = place.dataset.loading;
      try {
        const answer = await fetch(address, { signal: request.signal });
        if (!answer.ok) throw new Error(answer.statusText);
        const other = new DOMParser().parseFromString(await answer.text(), "text/html");
        target.replaceChildren(...other.getElementById("verdict").childNodes);
        document.title = other.title;
        select.value = day;
        place.querySelector("#any").value = other.getElementById("any").value;
        const onward = "nav a[hreflang], #do a[href]";
        const links = other.querySelectorAll(onward);
        document.querySelectorAll(onward).forEach((link, i) => { link.href = links[i].getAttribute("href"); });
        history.replaceState(null, "", address);
        shown.textContent = place.dataset.now.replace("{day}", name(day));
      } catch (error) {
        if (error.name === "AbortError") return;
        shown.textContent = place.dataset.failed;
      }
      target.removeAttribute("aria-busy");
    }

    range.addEventListener("input", () => {
      tell();
      clearTimeout(timer);
      timer = setTimeout(load, WAIT);
    });
  }

  function share(button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const what = { title: document.title, url: location.href };
      try {
        if (navigator.share) await navigator.share(what);
        else {
          await navigator.clipboard.writeText(what.url);
          button.textContent = button.dataset.done;
        }
      } catch (error) {
        if (error.name !== "AbortError") button.textContent = location.href;
      }
    });
  }

  document.querySelectorAll("[data-slider]").forEach(slider);
  document.querySelectorAll("[data-share]").forEach(share);

  // On paper everything is open.
  addEventListener("beforeprint", () => document.querySelectorAll("#verdict details").forEach((d) => { d.open = true; }));
})();
