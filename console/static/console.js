// Small help for the pages: live pieces, copying, sending with the keyboard. Everything works without it.
(function () {
  "use strict";
  document.documentElement.classList.add("js");

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    var text = document.querySelector(button.dataset.copy).textContent.trim();
    navigator.clipboard.writeText(text).then(function () { button.textContent = "Đã chép"; });
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-insert]");
    var box = document.querySelector("#words");
    if (!button || !box) return;
    box.value = (box.value ? box.value.trimEnd() + "\n" : "") + button.dataset.insert;
    box.focus();
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form && event.target.tagName === "TEXTAREA") {
      event.target.form.requestSubmit();
    }
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
      var search = document.querySelector("[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  // A condition offers the names of its kind, also behind a comma.
  function offer(event) {
    var row = event.target.closest && event.target.closest(".condition");
    if (!row) return;
    var kind = row.querySelector("select").value, field = row.querySelector("input:not([type=checkbox])");
    var names = row.closest("fieldset").querySelector('datalist[data-of="' + kind + '"]'), own = row.querySelector("datalist");
    var said = field.value.slice(0, field.value.lastIndexOf(",") + 1);
    own.replaceChildren.apply(own, Array.from(names ? names.options : [], function (one) {
      var option = document.createElement("option");
      option.value = said ? said + " " + one.value : one.value;
      return option;
    }));
  }
  document.addEventListener("focusin", offer);
  document.addEventListener("input", offer);
  document.addEventListener("change", offer);

  function toEnd() {
    var talk = document.querySelector("#talk");
    if (talk) talk.scrollTop = talk.scrollHeight;
  }
  document.addEventListener("DOMContentLoaded", toEnd);
  document.addEventListener("htmx:afterSwap", function (event) { if (event.target.id === "talk") toEnd(); });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.target.id === "say" && event.detail.successful) event.target.reset();
  });

  var address = document.body.dataset.live;
  if (!address || !window.EventSource || !document.querySelector("[data-watch]")) return;
  var stream = new EventSource(address);
  stream.addEventListener("changed", function (event) {
    var news = JSON.parse(event.data);
    document.querySelectorAll("[data-watch]").forEach(function (piece) {
      var who = piece.dataset.watch;
      if (who === "all" || news.work || news.people.indexOf(Number(who)) >= 0) window.htmx.trigger(piece, "changed");
    });
  });
  window.addEventListener("pagehide", function () { stream.close(); });
})();
