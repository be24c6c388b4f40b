/* Says what can be told of a chosen file before the form is sent. Of a text the first megabyte is
 * enough; what is larger and no text is examined after it was saved. */
(function () {
  'use strict';
  var BEGINNING = 1024 * 1024;
  var LARGEST = 8 * 1024 * 1024;
  var box = document.querySelector('[data-nd47-quick]');
  var input = document.getElementById('field-resource-upload');
  if (!box || !input) { return; }
  var form = input.form;
  var list = box.querySelector('ul');
  var status = box.querySelector('[role=status]');
  var group = document.getElementById('nd47-data');
  if (group) { group.after(box); }

  function part(file) {
    if (/\.(csv|tsv|txt)$/i.test(file.name)) { return file.slice(0, BEGINNING + 1); }
    return file.size <= LARGEST ? file : null;
  }

  function words(found) {
    var text = found.findings.length ? status.dataset.nd47Doubtful : status.dataset.nd47Sound;
    return text.replace('{format}', found.format).replace('{rows}', found.rows.toLocaleString('vi'))
      .replace('{columns}', found.columns);
  }

  input.addEventListener('change', function () {
    var file = input.files[0];
    var content = file && part(file);
    list.replaceChildren();
    status.textContent = content ? status.dataset.nd47Busy : '';
    box.hidden = !content;
    if (!content) { return; }
    var data = new FormData();
    data.set('upload', content, file.name);
    var token = form.querySelector('input[name=_csrf_token]');
    if (token) { data.set('_csrf_token', token.value); }
    fetch(box.dataset.nd47Quick, { method: 'POST', body: data, credentials: 'same-origin' })
      .then(function (response) { return response.ok ? response.json() : null; })
      .then(function (found) {
        if (input.files[0] !== file) { return; }
        if (!found) { box.hidden = true; return; }
        status.textContent = words(found);
        list.replaceChildren.apply(list, found.findings.slice(0, 12).map(function (finding) {
          var item = document.createElement('li');
          item.className = 'nd47-quick-' + finding.level;
          item.textContent = [finding.column, finding.message, finding.remedy].filter(Boolean).join(' · ');
          return item;
        }));
      })
      .catch(function () { box.hidden = true; });
  });
}());
