/* Copies the text of the marked element when its button is pressed. The button shows only where
 * the browser can copy, so without JavaScript nothing is offered that does not work. */
document.querySelectorAll('[data-nd47-copy]').forEach(function (root) {
  'use strict';
  var button = root.querySelector('[data-nd47-copy-button]');
  if (!navigator.clipboard) { return; }
  button.hidden = false;
  button.addEventListener('click', function () {
    var text = root.querySelector('[data-nd47-copy-source]').textContent;
    navigator.clipboard.writeText(text).then(function () {
      root.querySelector('[data-nd47-copy-status]').textContent = button.dataset.nd47Copied;
      button.textContent = button.dataset.nd47Copied;
    });
  });
});
