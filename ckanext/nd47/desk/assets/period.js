/* Asks the portal what a chosen file says of its period and columns, before it is sent. Of a CSV file
 * the beginning is enough. */
(function () {
  'use strict';
  var BEGINNING = 64 * 1024;
  var LARGEST = 10 * 1024 * 1024;
  var form = document.getElementById('new-period');
  if (!form) { return; }
  var period = form.elements.period;
  var modified = form.elements.modified;
  var box = form.querySelector('[data-nd47-notes]');
  var status = form.querySelector('[data-nd47-status]');
  var touched = form.querySelector('[data-nd47-touched]');
  var pending = null;

  function show(notes) {
    var again = form.querySelector('[data-nd47-again]');
    if (again) { again.remove(); }
    form.querySelector('[data-nd47-notes-list]').replaceChildren.apply(
      form.querySelector('[data-nd47-notes-list]'),
      notes.map(function (note) {
        var item = document.createElement('li');
        item.textContent = note;
        return item;
      }));
    box.hidden = !notes.length;
  }

  function part(file) {
    if (/\.xlsx$/i.test(file.name)) { return file.size <= LARGEST ? file : null; }
    return file.slice(0, BEGINNING);
  }

  function check() {
    var file = form.elements.upload.files[0];
    var content = file && part(file);
    if (!content) { return; }
    var data = new FormData(form);
    data.set('upload', content, file.name);
    var asked = pending = fetch(form.dataset.nd47Check, { method: 'POST', body: data, credentials: 'same-origin' })
      .then(function (response) { return response.ok ? response.json() : null; })
      .then(function (found) {
        if (!found || form.elements.upload.files[0] !== file) { return; }
        if (found.from_file && !touched.value) {
          period.value = found.period;
          modified.value = found.modified;
          status.textContent = status.dataset.nd47FromFile.replace('{period}', found.period);
        }
        show(found.notes);
        form.querySelector('[data-nd47-seen]').value = found.seen;
      })
      .catch(function () { /* The portal says it when the form is sent. */ })
      .then(function () { if (pending === asked) { pending = null; } });
  }

  /* Waits for the answer, so that what is unusual is seen before the file is sent. */
  form.addEventListener('submit', function (event) {
    if (!pending) { return; }
    event.preventDefault();
    pending.then(function () {
      if (box.hidden) { form.requestSubmit(); } else { box.focus(); }
    });
  });

  [period, modified].forEach(function (input) {
    input.addEventListener('input', function (event) { if (event.isTrusted) { touched.value = '1'; } });
  });
  period.addEventListener('change', check);
  form.elements.upload.addEventListener('change', check);
}());
