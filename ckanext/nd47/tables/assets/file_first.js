/* A dataset that begins with its file: the file may be dropped and is sent at once, and a proposal is
 * taken back with one click, and given again with another. Without a script the pages work with their
 * buttons alone. */
(function () {
  'use strict';
  var choose = document.getElementById('nd47-file-first');
  if (choose) {
    var input = choose.elements.upload;
    var place = choose.querySelector('[data-nd47-drop]');
    var status = choose.querySelector('[data-nd47-status]');
    choose.querySelector('[data-nd47-drop-hint]').hidden = false;
    choose.addEventListener('submit', function () { status.textContent = status.dataset.nd47Busy; });
    ['dragover', 'dragleave', 'drop'].forEach(function (name) {
      place.addEventListener(name, function (event) {
        event.preventDefault();
        place.classList.toggle('nd47-drop-over', name === 'dragover');
      });
    });
    place.addEventListener('drop', function (event) {
      if (!event.dataTransfer.files.length) { return; }
      input.files = event.dataTransfer.files;
    });
  }

  var form = document.getElementById('nd47-proposals');
  if (!form) { return; }

  function inputs(id) {
    var element = document.getElementById(id);
    if (!element) { return []; }
    return element.matches('input, select, textarea') ? [element] : Array.from(element.querySelectorAll('input'));
  }

  function values(list) {
    return list.map(function (one) { return one.type === 'checkbox' ? one.checked : one.value; });
  }

  form.querySelectorAll('[data-nd47-proposed]').forEach(function (mark) {
    var list = inputs(mark.dataset.nd47Proposed);
    var proposal = values(list);
    var button = mark.querySelector('[data-nd47-take-back]');
    button.hidden = false;
    button.addEventListener('click', function () {
      list.forEach(function (one) {
        if (one.type === 'checkbox') { one.checked = false; } else { one.value = ''; }
        one.dispatchEvent(new Event('change', { bubbles: true }));
      });
      mark.hidden = true;
      list[0].focus();
    });
    list.forEach(function (one) {
      one.addEventListener('input', function () {
        mark.hidden = JSON.stringify(values(list)) !== JSON.stringify(proposal);
      });
    });
  });
}());
