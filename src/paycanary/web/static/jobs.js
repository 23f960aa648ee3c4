"use strict";
// How far a job is, as it goes. Without this the page reads itself again.
(() => {
  const job = document.getElementById("job");
  if (!job || !job.dataset.events) return;
  const status = document.getElementById("job-status");
  const list = document.getElementById("job-parts");

  const show = (event) => {
    const said = JSON.parse(event.data);
    // Only a change is read aloud.
    if (status.textContent !== said.text) status.textContent = said.text;
    if (!said.parts) return;
    list.replaceChildren(...said.parts.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  };

  const finish = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("job-now").replaceWith(page.getElementById("job-now"));
      delete job.dataset.events;
    } catch {
      location.reload();
    }
  };

  const follow = () => {
    const source = new EventSource(job.dataset.events);
    for (const name of ["queued", "running", "progress"]) source.addEventListener(name, show);
    for (const name of ["done", "failed"]) {
      source.addEventListener(name, (event) => {
        source.close();
        show(event);
        finish();
      });
    }
    // A browser comes back by itself after a stream that ended, but not after a refusal.
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
    };
  };
  follow();
})();
