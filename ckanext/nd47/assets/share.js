/* Opens the browser's own list of programs to send a link with. It shows only where the browser has
 * one, so without JavaScript nothing is offered that does not work. No foreign script is loaded. */
document.querySelectorAll('[data-nd47-share]').forEach(function (root) {
  'use strict';
  if (!navigator.share) { return; }
  root.hidden = false;
  root.querySelector('button').addEventListener('click', function () {
    // Closing the list rejects the promise, which is no error.
    navigator.share({ title: root.dataset.nd47Title, url: root.dataset.nd47Address }).catch(function () {});
  });
});
